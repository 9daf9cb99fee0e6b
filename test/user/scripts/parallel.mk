# Many jobs at the same time, and makes of their own that share the jobs: `make -j4 -f parallel.mk`.
SHELL := /bin/sh
NUMBERS := $(shell seq 1 24)
PARTS := $(NUMBERS:%=part%)
.DELETE_ON_ERROR:
.PHONY: all clean inner
all: sum inner broken.checked
	@cat sum; echo "$(words $(PARTS)) parts, $(firstword $(PARTS)), $(MAKELEVEL)"
part%:
	@echo $* > $@
sum: $(PARTS)
	@cat $^ | { total=0; while read n; do total=$$((total + n)); done; echo $$total; } > $@
inner: $(PARTS)
	@$(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST)) pieces PIECES="$(NUMBERS:%=piece%)" | sort | uniq -c | sed 's/^ *//'
ifdef PIECES
pieces: $(PIECES)
	@echo pieces are done
piece%:
	@sleep 0.0$$(($* % 3)); echo piece
endif
broken: $(PARTS)
	@echo half > $@; exit 3
broken.checked:
	@if $(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST)) broken 2> /dev/null; then echo no error; fi; test ! -e broken && touch $@
clean:
	@rm -f $(PARTS) sum broken.checked
