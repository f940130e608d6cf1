package kernel

import "golang.org/x/sys/cpu"

//go:generate go run ./asm -pkg kernel -out kernel_amd64.s -stubs kernel_amd64.go

// accelerated returns the implementations that this processor supports beside the portable one, the fastest first.
func accelerated() []implementation {
	var have []implementation
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL {
		have = append(have, implementation{
			name: "avx512",
			products: []productKernel{
				{4, 4, products4x4AVX512}, {8, 3, products8x3AVX512}, {8, 2, products8x2AVX512},
				{8, 1, products8x1AVX512}, {1, 1, products1x1AVX512},
			},
			accumulate: []accumulateKernel{
				{4, accumulate4AVX512}, {3, accumulate3AVX512}, {2, accumulate2AVX512}, {1, accumulate1AVX512},
			},
			single: 32 << 10,
			block:  128 << 10,
		})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		have = append(have, implementation{
			name: "avx2",
			products: []productKernel{
				{2, 2, products2x2AVX2}, {4, 1, products4x1AVX2}, {1, 1, products1x1AVX2},
			},
			accumulate: []accumulateKernel{
				{2, accumulate2AVX2}, {1, accumulate1AVX2},
			},
			single: 32 << 10,
			block:  64 << 10,
		})
	}
	return have
}
