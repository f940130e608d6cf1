package bench

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// held says what mostHeld measures.
const held = "Memory is the most that the program held meanwhile, from the system, a hundred times a second."

// mostHeld calls f and measures the most memory that the program holds meanwhile, in bytes:
// of what it has from the operating system, garbage included.
func mostHeld(f func() error) (bytes float64, err error) {
	debug.FreeOSMemory()
	stop, most := make(chan struct{}), make(chan float64)
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		peak := holding()
		for {
			select {
			case <-tick.C:
				peak = max(peak, holding())
			case <-stop:
				most <- max(peak, holding())
				return
			}
		}
	}()
	err = f()
	close(stop)
	return <-most, err
}

func holding() float64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return float64(s[0].Value.Uint64() - s[1].Value.Uint64())
}
