//go:build !unix

package engine

import "runtime"

// peakBytes is the memory that the process has obtained from the system.
func peakBytes() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
