package main

// tiny is a profile for the run under an emulator, where complex arithmetic is thirty
// times slower: as few densities in theory and states of the null model as the figures
// take. Like any profile it changes sizes alone and has every stage and every figure.
const tiny = `
[profile.tiny.grid]
loss.a = [0.3, 2]
init = { alpha = [6.6], seeds = "1..2 by 1" }
overlap = { a = 1, N = [24, 32], alpha = [1, 3], seeds = "1..4 by 4" }
spectral = { N = [16, 24], alpha = [1.5, 4], seeds = "1..4 by 4" }
window = { seeds = "1..2 by 2" }
curve = { N = [12, 16, 24, 32], alpha = [1, 2, 3, 4, 6], seeds = "1..16 by 8", starts = 2 }
methods = { method = ["gd", "flow"], alpha = [4], seeds = "1..4 by 4" }
path = { alpha = [6.6], seeds = "1..2 by 1" }
path-threshold.alpha = [6.6]
null = { N = [24, 32], alpha = [3, 6.6], seeds = "1..4 by 4" }
trap = { a = 0.3, alpha = [4.5, 5.8], seeds = "1..4" }
losses = [
    { loss = "ell", a = 0.3, alpha = [2, 5], seeds = "1..4 by 4" },
    { loss = ["plain", "pseudohuber"], a = 1, alpha = [2, 5], seeds = "1..4 by 4" },
]

[profile.tiny.stage]
init-instance.N = 48
window-instance.N = 24
methods-instance.N = 16
path-instance.N = 24
landscape-instance = { N = 24, seeds = "1..2" }
trap-instance.N = 24
state-instance = { N = 24, seeds = "1..2" }
losses-instance.N = 16
dynamics = { resamples = 10, confidence = 0.8 }
trap-state = { resamples = 10, confidence = 0.8 }
state-dynamics = { resamples = 10, confidence = 0.8 }
curve-scaling.confidence = 0.8
curve-fit.confidence = 0.8
`
