#  make                 every program, into build/bin
#  make unit            the unit tests, each run
#  make SAN=address,undefined | SAN=thread    the same under a sanitizer, in a folder of its own
#  make V=1         shows the commands
#  make format | format-check | tidy

CC      ?= gcc
SAN     ?=
V       ?=
Q       := $(if $(V),,@)
BUILD   ?= build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
comma   := ,
VERSION := 0.1.0

PACKAGES := libczmq libzmq hiredis libmicrohttpd jansson yaml-0.1 libsodium
CPPFLAGS := -D_GNU_SOURCE -DDAUMOI_VERSION='"$(VERSION)"' -Icommon -Iservices \
            $(shell pkg-config --cflags $(PACKAGES))
CFLAGS   := -std=c11 -O2 -g -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes \
            -Wmissing-prototypes -Wno-sign-conversion -Werror -fstack-protector-strong -fno-omit-frame-pointer \
            $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all,-D_FORTIFY_SOURCE=2) -MMD -MP
LDFLAGS  := $(if $(SAN),-fsanitize=$(SAN))
LDLIBS   := $(shell pkg-config --libs $(PACKAGES)) -lmsgpackc -lutf8proc -lm -lpthread

PROGRAMS := intake classification assignment escalation

objects  = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(1))))
# What a service decides, without its main: linked by the service, by the command line and by tests.
inner    = $(filter-out %/main.o %/train.o,$(call objects,services/$(1)/*.c))

COMMON   := $(call objects,common/*.c) $(BUILD)/common/ledger_lua.o
INNER    := $(foreach p,$(PROGRAMS) cli,$(call inner,$(p)))
BINARIES := $(foreach p,$(PROGRAMS),$(if $(wildcard services/$(p)/main.c),$(BUILD)/bin/daumoi-$(p))) \
            $(if $(wildcard services/cli/main.c),$(BUILD)/bin/daumoi)
UNITS    := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))

.PHONY: all unit units format format-check tidy clean
all: $(BINARIES)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)echo "  CC   $@"; $(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

# ledger.lua travels inside the programs, so that what is loaded and what is compiled cannot differ.
$(BUILD)/common/ledger_lua.o: common/ledger.lua
	@mkdir -p $(@D)
	cd common && ld -r -b binary -z noexecstack -o $(abspath $@) ledger.lua

$(BUILD)/libdaumoi.a: $(COMMON) $(INNER)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/bin/daumoi: $(call objects,services/cli/*.c) $(BUILD)/libdaumoi.a
	@mkdir -p $(@D)
	$(Q)echo "  LINK $@"; $(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/bin/daumoi-%: $(BUILD)/services/%/main.o $(BUILD)/libdaumoi.a
	@mkdir -p $(@D)
	$(Q)echo "  LINK $@"; $(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

# The trainer alone needs liblinear; scripts/train builds it.
$(BUILD)/bin/daumoi-train: $(BUILD)/services/classification/train.o $(BUILD)/libdaumoi.a
	@mkdir -p $(@D)
	$(Q)echo "  LINK $@"; $(CC) $(LDFLAGS) $^ $(LDLIBS) -llinear -o $@

# Measures, no service; scripts/evaluate-routing builds and runs it.
$(BUILD)/bin/daumoi-evaluate-routing: $(BUILD)/tests/bench/evaluate_routing.o \
    $(BUILD)/tests/bench/routing_cases.o $(BUILD)/libdaumoi.a
	@mkdir -p $(@D)
	$(Q)echo "  LINK $@"; $(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

# What only scripts/bench runs.
$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/libdaumoi.a
	@mkdir -p $(@D)
	$(Q)echo "  LINK $@"; $(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(BUILD)/libdaumoi.a
	@mkdir -p $(@D)
	$(Q)echo "  LINK $@"; $(CC) $(LDFLAGS) $^ $(LDLIBS) -lcmocka -o $@

units: $(UNITS)

unit: units
	@set -e; for t in $(UNITS); do echo "== $$t"; $$t; done

SOURCES := $(wildcard common/*.[ch] services/*/*.[ch] tests/unit/*.[ch] tests/bench/*.[ch] tests/fuzz/*.[ch])
format:
	clang-format -i $(SOURCES)
format-check:
	clang-format --dry-run -Werror $(SOURCES)
tidy:
	clang-tidy --quiet $(filter %.c,$(SOURCES)) -- -std=c11 $(CPPFLAGS)

#  make fuzz [FUZZ_SECONDS=60]     libFuzzer on what reads foreign bytes; findings stay in build/fuzz
FUZZ_SECONDS ?= 60
FUZZERS      := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZED       := $(addprefix common/,base.c codec.c codec_field.c codec_json.c petition.c text.c clock.c model.c)
FUZZ_SEED    := {"desk":"tcd-tinh","received":"2026-11-19","text":"x","petitioner":{"name":"A"},"signatories":2}

build/fuzz/%: tests/fuzz/%.c $(FUZZED)
	@mkdir -p $@.corpus
	printf '%s' '$(FUZZ_SEED)' > $@.corpus/json
	printf '\202\244desk\250tcd-tinh\244text\241x' > $@.corpus/petition
	printf '\202\241t\241x\241l\221\201\241n\314\377' > $@.corpus/node
	clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(CPPFLAGS) -std=c11 $^ $(LDLIBS) -o $@

.PHONY: fuzz
fuzz: $(FUZZERS)
	@set -e; for f in $(FUZZERS); do echo "== $$f"; \
	    $$f -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -print_final_stats=1 -artifact_prefix=$$f- $$f.corpus; done

clean:
	rm -rf build

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
