//go:build unix

package bench

import "syscall"

// processorTime is the time in seconds that the cores have worked on this process. It
// leaves out what other processes took of the wall time.
func processorTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
