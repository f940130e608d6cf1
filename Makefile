# make paper    build hero and bring every figure of the default profile up to date
# make test     all tests
# make check    vet, go.mod, formatting and staticcheck; .ci/run is this and the tests
# make figures  the figures alone
# make verify   hash everything again and compare it with paper.lock
# make bench    measure, both sides of each comparison in one run

GO ?= go
HERO ?= hero

# Artifacts are equal to the bit on every platform, which takes these settings: gonum
# without assembly, which sums in another order than its Go code, and a compiler that
# does not fuse x*y+z into one rounding, as it does on every architecture but amd64 at
# its first level. Explicit math.FMA stays what it is. hero verify knows them too.
# Without debug information it all compiles a tenth faster.
export GOAMD64 = v1
export GOARCH ?= $(shell $(GO) env GOARCH)
# The tag tinygo gives arrow encoding/json in place of goccy/go-json, which nothing here
# calls and which takes as long to compile as the rest of arrow several times over.
flags = -trimpath -tags=noasm,tinygo -gcflags=all=$(if $(filter-out amd64,$(GOARCH)),-d=fmahash=qn,-dwarf=false)

# One answer for the command and for the tests, so that what both need compiles once.
export CGO_ENABLED = 0

.PHONY: paper test check figures verify bench hero clean

paper: hero
	./hero run

hero:
	$(GO) build $(flags) -o $(HERO) .

figures: hero
	./hero run 'figure/*'

verify: hero
	./hero verify

# Everything is checked as it is built for the command, with its flags: another set would
# compile all of the library again. Hence go run for staticcheck, as go tool drops them;
# its module is of its own, so that the program's users do not download it.
# Tests leave vet to check, which makes more of its checks. A lazier collector halves
# the time of staticcheck, which holds every library at once (in 1 GB), and saves a fifth
# of that of the tests.
test check: export GOFLAGS := $(GOFLAGS) $(flags)
test check: export GOGC := 400

# Twice as many packages at once as there are cores, as those of the engine wait for the disk
# most of the time. One test builds hero for another architecture, from nothing at first.
test:
	$(GO) test -vet=off -timeout 30m -p $$((2 * $$(getconf _NPROCESSORS_ONLN))) ./...

check:
	$(GO) vet ./...
	$(GO) mod tidy -diff
	$(GO) -C .ci/tools mod tidy -diff
	@unformatted=$$(gofmt -l $$($(GO) list -f '{{.Dir}}' ./...)); \
	if [ -n "$$unformatted" ]; then echo "run gofmt on: $$unformatted"; exit 1; fi
	$(GO) run -modfile=.ci/tools/go.mod honnef.co/go/tools/cmd/staticcheck ./...

# Without the flags: gonum is measured with its assembly.
bench:
	$(GO) run -trimpath . bench --out stages/bench/LAST.md

clean:
	rm -f hero
