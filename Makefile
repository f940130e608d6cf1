# make paper    build hero and bring every figure of the default profile up to date
# make test     everything that continuous integration needs
# make figures  the figures alone
# make verify   hash everything again and compare it with paper.lock
# make bench    measure, both sides of each comparison in one run

GO ?= go

.PHONY: paper test figures verify bench hero clean

paper: hero
	./hero run

hero:
	$(GO) build -trimpath -o hero .

figures: hero
	./hero run 'figure/*'

verify: hero
	./hero verify

test:
	$(GO) vet ./...
	@unformatted=$$(gofmt -l $$($(GO) list -f '{{.Dir}}' ./...)); \
	if [ -n "$$unformatted" ]; then echo "run gofmt on: $$unformatted"; exit 1; fi
	$(GO) tool staticcheck ./...
	$(GO) test ./...

bench:
	$(GO) test -run '^$$' -bench . -benchtime 1s ./...

clean:
	rm -f hero
