//go:build !amd64

package bench

var peaks map[string]peak
