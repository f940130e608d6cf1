package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is what the two instruction sets do differently.
type isa interface {
	name() string
	width() int // float64s in a vector
	vector() reg.VecVirtual
	zero(dst reg.VecVirtual)
	// convert reads float32s as float64s. Elements outside a mask are neither read nor written, and read as zero.
	convert(src Mem, dst reg.VecVirtual, m *mask)
	load(src Mem, dst reg.VecVirtual, m *mask)
	store(src reg.VecVirtual, dst Mem, m *mask)
	// masks returns the masks that keep the first count elements of some vectors. It may clobber count.
	masks(count reg.GPVirtual, vectors int) masks
	// reduce adds the eight partial sums by the fixed tree; the result is in the lowest element.
	reduce(sums []reg.VecVirtual) reg.VecVirtual
	finish()
}

// masks holds a mask a vector; nil stands for whole vectors.
type masks []mask

// mask is held in an opmask register (AVX-512), or in two vectors with the sign bit set where an element is kept.
type mask struct {
	opmask  reg.OpmaskVirtual
	singles reg.VecVirtual
	doubles reg.VecVirtual
}

func (m masks) part(i int) *mask {
	if m == nil {
		return nil
	}
	return &m[i]
}

type avx512 struct{}

func newAVX512() isa { return avx512{} }

func (avx512) name() string            { return "AVX512" }
func (avx512) width() int              { return 8 }
func (avx512) vector() reg.VecVirtual  { return ZMM() }
func (avx512) zero(dst reg.VecVirtual) { VPXORQ(dst, dst, dst) }

func (avx512) convert(src Mem, dst reg.VecVirtual, m *mask) {
	if m == nil {
		VCVTPS2PD(src, dst)
		return
	}
	VCVTPS2PD_Z(src, m.opmask, dst)
}

func (avx512) load(src Mem, dst reg.VecVirtual, m *mask) {
	if m == nil {
		VMOVUPD(src, dst)
		return
	}
	VMOVUPD_Z(src, m.opmask, dst)
}

func (avx512) store(src reg.VecVirtual, dst Mem, m *mask) {
	if m == nil {
		VMOVUPD(src, dst)
		return
	}
	VMOVUPD(src, m.opmask, dst)
}

func (avx512) masks(count reg.GPVirtual, vectors int) masks {
	if vectors != 1 {
		panic("a group of eight is one vector")
	}
	MOVQ(count, reg.RCX)
	bits := GP32()
	MOVL(U32(1), bits)
	SHLL(reg.CL, bits)
	DECL(bits)
	k := K()
	KMOVW(bits, k)
	return masks{{opmask: k}}
}

// reduce needs AVX-512VL besides F, as the operands may be in any of the 32 registers.
func (avx512) reduce(sums []reg.VecVirtual) reg.VecVirtual {
	low, high := sums[0], ZMM()
	VEXTRACTF64X4(U8(1), low, high.AsY())
	VADDPD(high.AsY(), low.AsY(), low.AsY())
	VEXTRACTF32X4(U8(1), low.AsY(), high.AsX())
	VADDPD(high.AsX(), low.AsX(), low.AsX())
	VUNPCKHPD(low.AsX(), low.AsX(), high.AsX())
	VADDSD(high.AsX(), low.AsX(), low.AsX())
	return low.AsX().(reg.VecVirtual)
}

func (avx512) finish() { VZEROUPPER() }

// avx2 takes its masks from a window on eight set words followed by eight clear ones.
type avx2 struct{ window Mem }

func newAVX2() isa {
	window := GLOBL("window", RODATA|NOPTR)
	for i := range 16 {
		word := U32(0)
		if i < lanes {
			word = ^word
		}
		DATA(4*i, word)
	}
	return avx2{window}
}

func (avx2) name() string            { return "AVX2" }
func (avx2) width() int              { return 4 }
func (avx2) vector() reg.VecVirtual  { return YMM() }
func (avx2) zero(dst reg.VecVirtual) { VXORPD(dst, dst, dst) }

func (avx2) convert(src Mem, dst reg.VecVirtual, m *mask) {
	if m == nil {
		VCVTPS2PD(src, dst)
		return
	}
	VMASKMOVPS(src, m.singles, dst.AsX())
	VCVTPS2PD(dst.AsX(), dst)
}

func (avx2) load(src Mem, dst reg.VecVirtual, m *mask) {
	if m == nil {
		VMOVUPD(src, dst)
		return
	}
	VMASKMOVPD(src, m.doubles, dst)
}

func (avx2) store(src reg.VecVirtual, dst Mem, m *mask) {
	if m == nil {
		VMOVUPD(src, dst)
		return
	}
	VMASKMOVPD(src, m.doubles, dst)
}

func (a avx2) masks(count reg.GPVirtual, vectors int) masks {
	start := GP64()
	LEAQ(a.window.Offset(4*lanes), start)
	SHLQ(U8(2), count)
	SUBQ(count, start)
	var out masks
	for part := range vectors {
		m := mask{singles: XMM(), doubles: YMM()}
		VMOVDQU(Mem{Base: start, Disp: 16 * part}, m.singles)
		VPMOVSXDQ(m.singles, m.doubles)
		out = append(out, m)
	}
	return out
}

func (avx2) reduce(sums []reg.VecVirtual) reg.VecVirtual {
	low, high := sums[0], YMM()
	VADDPD(sums[1], low, low)
	VEXTRACTF128(U8(1), low, high.AsX())
	VADDPD(high.AsX(), low.AsX(), low.AsX())
	VUNPCKHPD(low.AsX(), low.AsX(), high.AsX())
	VADDSD(high.AsX(), low.AsX(), low.AsX())
	return low.AsX().(reg.VecVirtual)
}

func (avx2) finish() { VZEROUPPER() }
