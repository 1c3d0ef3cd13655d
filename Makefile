# Concord. `make help` lists the targets.
#
# A file named concord-*.c is a program; every other file below protocol/, keys/, client/ and matcher/ belongs to
# the library of its top folder. Tests: tests/unit/*.c (cmocka), tests/e2e/*.sh (real processes), tests/fuzz/*.c.

PREFIX ?= /usr/local
DESTDIR ?=
PKG_CONFIG ?= pkg-config
BUILD ?= build
CFLAGS ?= -O2 -g
DEMO_DIR ?=
# V=1 shows whole commands.
Q := $(if $(V),,@)

LIBRARIES := libsodium libseccomp libmicrohttpd liboath msgpack rocksdb sqlite3 icu-uc icu-i18n jansson libzip expat
ifneq ($(filter-out help clean setup,$(or $(MAKECMDGOALS),all)),)
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBRARIES) 2>/dev/null)
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null)
# nanomsg is not in the programs: tests ask them by it, as any client might.
TEST_LIBS := $(shell $(PKG_CONFIG) --libs cmocka nanomsg 2>/dev/null)
endif

# SANITIZE=address,undefined or thread; those builds live in a directory of their own.
SANITIZE ?=
ifneq ($(SANITIZE),)
SANITIZE_FLAGS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
HARDENING :=
else
HARDENING := -D_FORTIFY_SOURCE=2
endif
HARDENING += -fstack-protector-strong -fstack-clash-protection -fPIE
ifeq ($(shell uname -m),x86_64)
HARDENING += -fcf-protection
endif

ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
	-fno-strict-aliasing -pthread -I. -I$(BUILD) $(HARDENING) $(SANITIZE_FLAGS) $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS := -pie -pthread -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(SANITIZE_FLAGS) $(LDFLAGS)
LIBS := $(PKG_LIBS) -lcsv -lm

FOLDERS := protocol keys client matcher
sources = $(sort $(shell find $(1) -name '*.c' 2>/dev/null))
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
MAINS := $(foreach f,$(FOLDERS),$(shell find $(f) -name 'concord-*.c'))
PROGRAMS := $(patsubst %.c,$(BUILD)/bin/%,$(notdir $(MAINS)))
ARCHIVES := $(patsubst %,$(BUILD)/lib%.a,client matcher keys protocol)
GENERATOR := $(if $(wildcard tests/generator/*.c),$(BUILD)/bin/concord-generate)
QUALITY := $(BUILD)/bin/concord-quality
BENCH := $(BUILD)/bin/concord-bench
UNIT := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*.c))
FUZZ := $(patsubst %.c,$(BUILD)/%,$(filter-out tests/fuzz/driver.c,$(wildcard tests/fuzz/*.c)))
ATTACKS := $(BUILD)/tests/attacks
HISTORIES := $(BUILD)/tests/histories
DOORS := $(BUILD)/tests/doors
LOAD := $(BUILD)/tests/load
PROXY := $(BUILD)/tests/proxy

.PHONY: all help setup demo check catalogues guides attacks faults audit-histories lint quality bench load asan tsan fuzz install deb check-packages clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAMS) $(GENERATOR)

help:
	@echo 'make            build the programs into $(BUILD)/bin/'
	@echo 'make demo       set up, build, run a whole region on loopback and tell its story (DEMO_DIR=path keeps it there)'
	@echo 'make check      set up, build, run all tests (TESTS="name..." for some)'
	@echo 'make audit-histories  histories of honest parties and of cheats before the auditor (SEED=1 N=1000 EACH=100)'
	@echo 'make faults     kill everybody at random moments: nothing may be lost, nothing doubled (KILLS=200 SEED=1)'
	@echo 'make guides     run the commands of the guides as they are printed, as every party of a region'
	@echo 'make attacks    attack a matcher and its members, with controls that show the attacks work (ATTACK_PEOPLE=20000)'
	@echo 'make catalogues  bring the catalogues of the desk up to date with the source, and say what is not translated'
	@echo 'make lint       clang-tidy, cppcheck, clang-format and the length of lines, over the whole tree'
	@echo 'make quality    measure matching on all sets there are, beside a linker in the clear (QUALITY_SEEDS="1 2 3 4 5")'
	@echo 'make bench      measure against libsodium in the same run (BENCH_ARGS="--filter group")'
	@echo 'make load       64 agencies at a real matcher, one of which floods: waits, shares, nothing lost (LOAD_SECONDS=10)'
	@echo 'make asan tsan  make check under the address and undefined, or the thread sanitizer'
	@echo 'make fuzz       fuzz every parser with libFuzzer (clang), FUZZ_SECONDS each (TESTS="name..." for some)'
	@echo 'make setup      install missing Debian packages (root or sudo)'
	@echo 'make install    DESTDIR= PREFIX=$(PREFIX)'
	@echo 'make deb        packages for Debian, in $(BUILD)/deb/'
	@echo 'make check-packages  install them in a bare Debian, play the guides from them, remove them'
	@echo 'make clean      remove $(BUILD)/'

setup:
	@tests/setup.sh

# Targets that build and then run build on every processor, unless make was told how many.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# --- compiling ------------------------------------------------------------------------------------------------

# Rebuild when the flags change, so that an incremental build is always a correct one.
FLAGS_FILE := $(BUILD)/flags
$(shell mkdir -p $(BUILD); echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $(FLAGS_FILE) || \
	echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' > $(FLAGS_FILE))

# Files that speak one processor's instructions carry its name; which one runs is decided at run time.
ifeq ($(shell uname -m),x86_64)
$(BUILD)/obj/%_avx2.o $(BUILD)/lint/%_avx2.ok: TARGET_CFLAGS := -mavx2 -mbmi2
$(BUILD)/obj/%_shani.o $(BUILD)/lint/%_shani.ok: TARGET_CFLAGS := -msha -msse4.1
$(BUILD)/obj/%_ifma.o $(BUILD)/lint/%_ifma.ok: TARGET_CFLAGS := -mavx512f -mavx512ifma -mavx512vl -mavx512dq -mavx512bw -mbmi2
endif
$(BUILD)/obj/protocol/group/%.o: TARGET_CFLAGS += -O3
# The lanes are inlined whole: sanitized, each takes minutes to compile. The portable engine, the same formulas on one lane, is.
ifneq ($(SANITIZE),)
$(BUILD)/obj/protocol/group/engine_avx2.o $(BUILD)/obj/protocol/group/engine_ifma.o: TARGET_CFLAGS += -fno-sanitize=all
endif

# The rules of normalising are data files that the programs carry: each becomes a C string.
RULES := $(patsubst client/identity/rules/%.txt,$(BUILD)/rules/%.inc,$(wildcard client/identity/rules/*.txt))
$(BUILD)/rules/%.inc: client/identity/rules/%.txt
	@mkdir -p $(@D)
	$(Q)LC_ALL=C sed 's/["\\]/\\&/g; s/.*/"&\\n"/' $< > $@
$(BUILD)/obj/client/identity/rule_files.o: $(RULES)

# So does what the border interface says of itself.
$(BUILD)/border/%.inc: client/border/%.json
	@mkdir -p $(@D)
	$(Q)LC_ALL=C sed 's/["\\]/\\&/g; s/.*/"&\\n"/' $< > $@
$(BUILD)/obj/client/border/openapi.o: $(BUILD)/border/openapi.inc

# So are the catalogues of the desk's languages, its style and its script.
CATALOGUES := $(patsubst client/page/po/%.po,$(BUILD)/catalogues/%.inc,$(wildcard client/page/po/*.po))
$(BUILD)/catalogues/%.inc: client/page/po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check-format --endianness=little -o $(@:.inc=.mo) $< && xxd -i <$(@:.inc=.mo) >$@
$(BUILD)/obj/client/page/language.o: $(CATALOGUES)

# The sentences of the desk as they stand in the source: what is said, and what is marked (protocol/base/mark.h).
TEMPLATE := $(BUILD)/catalogues/concord.pot
$(TEMPLATE): $(call sources,protocol client)
	@mkdir -p $(@D)
	$(Q)printf '%s\n' $^ | xgettext --files-from=- --language=C --from-code=UTF-8 --add-location=file --package-name=Concord \
		--keyword --keyword=N_ --keyword=N_COUNT:1,2 --keyword=say:2 --keyword=say_value:2 --keyword=say_count:2,3 \
		--keyword=office_page:2 --keyword=office_begin_act:4 --keyword=office_show_problem:3 -o $@.new
	$(Q)sed '/^"POT-Creation-Date/d' $@.new >$@

catalogues: $(TEMPLATE)
	$(Q)for po in client/page/po/*.po; do \
		msgmerge --quiet --update --backup=none --no-fuzzy-matching $$po $< && msgattrib --no-obsolete -o $$po $$po && \
		printf '%s: ' $$po && msgfmt --check --statistics -o /dev/null $$po; done

# In no language of this world: each sentence in brackets, so that a test sees what is said without the catalogue.
PSEUDO := $(BUILD)/tests/pseudo-client
$(BUILD)/tests/pseudo/pseudo.mo: $(TEMPLATE)
	@mkdir -p $(@D)/catalogues
	$(Q)sed 's/CHARSET/UTF-8/' $< | msgen - | msgfilter --keep-header -o $(@:.mo=.po) sed 's/.*/[&]/' 2>/dev/null
	$(Q)msgfmt --endianness=little -o $@ $(@:.mo=.po)
$(PSEUDO): $(BUILD)/tests/pseudo/pseudo.mo $(call objects,client/concord-client.c) $(BUILD)/libclient.a $(BUILD)/libprotocol.a
	@echo '  LINK  $@'
	$(Q)for po in $(notdir $(CATALOGUES)); do xxd -i <$< >$(<D)/catalogues/$$po; done
	$(Q)$(CC) -I$(<D) $(ALL_CFLAGS) -c -o $(<D)/language.o client/page/language.c
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(<D)/language.o $(filter-out %.mo,$^) $(LIBS)
SERVED := $(patsubst client/office/served/%,$(BUILD)/served/%.inc,$(wildcard client/office/served/*))
$(BUILD)/served/%.inc: client/office/served/%
	@mkdir -p $(@D)
	$(Q)xxd -i <$< >$@
$(BUILD)/obj/client/office/served.o: $(SERVED)

$(BUILD)/obj/%.o: %.c $(FLAGS_FILE)
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(ALL_CFLAGS) $(TARGET_CFLAGS) -MMD -MP -c -o $@ $<

define archive
$(BUILD)/lib$(1).a: $(call objects,$(filter-out $(MAINS),$(call sources,$(1))))
	@rm -f $$@
	@echo '  AR    $$@'
	$(Q)$(AR) rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call archive,$(f))))

define program
$(BUILD)/bin/$(notdir $(basename $(1))): $(BUILD)/obj/$(basename $(1)).o $(2)
	@mkdir -p $$(@D)
	@echo '  LINK  $$@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $$@ $$^ $(LIBS)
endef
# A program is linked with its own folder and protocol/ alone: the arrows run one way.
$(foreach m,$(MAINS),$(eval $(call program,$(m),$(sort $(BUILD)/lib$(firstword $(subst /, ,$(m))).a $(BUILD)/libprotocol.a))))

$(BUILD)/bin/concord-generate: $(call objects,$(call sources,tests/generator)) $(BUILD)/libprotocol.a
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BENCH): $(call objects,$(call sources,tests/bench)) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(QUALITY): $(call objects,$(call sources,tests/quality)) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(TEST_LIBS)

$(ATTACKS): $(call objects,$(call sources,tests/attacks)) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(TEST_LIBS)

# The clock, the disk and the events of its parties are its own.
$(HISTORIES): $(call objects,$(call sources,tests/audit)) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) $(foreach f,kv_commit file_write_by region_check store_event store_mailbox_append ledger_append,-Wl,--wrap=$(f)) -o $@ $^ $(LIBS) $(TEST_LIBS)

$(DOORS): $(call objects,$(call sources,tests/doors)) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(TEST_LIBS)

$(LOAD): $(call objects,$(call sources,tests/load)) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(TEST_LIBS)

$(PROXY): $(call objects,tests/faults/proxy.c)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

# It counts evaluations, and lets them fail.
$(BUILD)/tests/unit/custodian_limits: ALL_LDFLAGS += -Wl,--wrap=oprf_evaluate

# Each fuzz target runs deterministically in `make check`, and driven by libFuzzer in `make fuzz`.
$(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/driver.o $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# What the canary test needs: a scanner, the values to scan for, and a tap on what a daemon decrypts.
CANARY := $(patsubst tests/e2e/canary/%.c,$(BUILD)/tests/canary-%,$(filter-out %/tap.c,$(wildcard tests/e2e/canary/*.c))) $(BUILD)/tests/canary-tap.so
$(BUILD)/tests/canary-%: $(BUILD)/obj/tests/e2e/canary/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# What tests preload into a program.
PRELOADED := $(BUILD)/tests/other-icu.so $(BUILD)/tests/deaf.so $(BUILD)/tests/quick.so $(BUILD)/tests/eio.so $(BUILD)/tests/fuse.so $(BUILD)/tests/garble.so $(BUILD)/tests/shift.so
$(BUILD)/tests/canary-tap.so: tests/e2e/canary/tap.c
$(BUILD)/tests/other-icu.so: tests/e2e/identity/other-icu.c
$(BUILD)/tests/deaf.so: tests/e2e/errors/deaf.c
$(BUILD)/tests/quick.so: tests/e2e/guides/quick.c
$(BUILD)/tests/eio.so: tests/e2e/errors/eio.c
$(BUILD)/tests/fuse.so: tests/e2e/errors/fuse.c
$(BUILD)/tests/shift.so: tests/e2e/errors/shift.c
$(BUILD)/tests/garble.so: tests/e2e/cheat/garble.c
$(BUILD)/tests/%.so: $(FLAGS_FILE)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(filter-out -fPIE,$(ALL_CFLAGS)) -fPIC -shared -o $@ $(filter %.c,$^)

# A custodian and a matcher that cheat, for the tests that they are found out.
CHEAT := $(BUILD)/tests/cheating-custodian $(BUILD)/tests/cheating-matcher
$(BUILD)/tests/cheating-custodian: $(call objects,tests/e2e/cheat/custodian.c keys/concord-custodian.c) $(BUILD)/libkeys.a $(BUILD)/libprotocol.a
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,--wrap=oprf_evaluate -o $@ $^ $(LIBS)
$(BUILD)/tests/cheating-matcher: $(call objects,tests/e2e/cheat/matcher.c matcher/concord-matcher.c) $(BUILD)/libmatcher.a $(BUILD)/libprotocol.a
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) $(foreach f,world_mutual world_mutual_ids fetch_reply_encode query_reply_encode store_prekey_get proof_reply_encode,-Wl,--wrap=$(f)) -o $@ $^ $(LIBS)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# --- running --------------------------------------------------------------------------------------------------

demo: setup
	@$(MAKE) --no-print-directory $(JOBS) all
	@BUILD=$(BUILD) DEMO_DIR='$(DEMO_DIR)' tests/e2e/lib/demo.sh

region: setup
	@$(MAKE) --no-print-directory $(JOBS) all
	@BUILD=$(BUILD) REGION_DIR='$(REGION_DIR)' tests/e2e/lib/training.sh

check: setup
	@$(MAKE) --no-print-directory $(JOBS) all $(BENCH) $(QUALITY) $(UNIT) $(FUZZ) $(CANARY) $(CHEAT) $(PRELOADED) $(ATTACKS) $(HISTORIES) $(DOORS) $(LOAD) $(PROXY) $(PSEUDO)
	@BUILD=$(BUILD) tests/run.sh $(TESTS)

guides: setup
	@$(MAKE) --no-print-directory $(JOBS) all $(BUILD)/tests/quick.so
	@BUILD=$(BUILD) tests/e2e/guides/play.sh

ATTACK_PEOPLE ?= 20000
quality: setup
	@$(MAKE) --no-print-directory $(JOBS) all $(QUALITY)
	@BUILD=$(BUILD) QUALITY_SEEDS='$(QUALITY_SEEDS)' tests/quality/quality.sh

SEED ?= 1
N ?= 1000
EACH ?= 100
audit-histories: setup
	@$(MAKE) --no-print-directory $(JOBS) $(HISTORIES)
	@$(HISTORIES) -s $(SEED) -n $(N) -c $(EACH) 2>/dev/null

KILLS ?= 200
faults: setup
	@$(MAKE) --no-print-directory $(JOBS) all $(PRELOADED) $(PROXY)
	@BUILD=$(BUILD) KILLS=$(KILLS) SEED=$(SEED) tests/faults/faults.sh

attacks: setup
	@$(MAKE) --no-print-directory $(JOBS) $(GENERATOR) $(ATTACKS)
	@BUILD=$(BUILD) ATTACK_PEOPLE=$(ATTACK_PEOPLE) tests/e2e/attacks.sh

# What clang-tidy has read is read again when it, or a header that it includes, changes. The names that the generator
# draws from are data in the shape of source.
LINT_SOURCES := $(filter-out tests/generator/names/%,$(call sources,$(FOLDERS) tests))
LINT_CFLAGS := -std=c11 -D_GNU_SOURCE -I. -I$(BUILD) $(PKG_CFLAGS)
$(BUILD)/lint/tests/unit/%.ok: TARGET_CFLAGS += -include tests/unit/analysed.h
$(BUILD)/lint/%.ok: %.c .clang-tidy
	@mkdir -p $(@D)
	@echo '  TIDY  $<'
	$(Q)clang-tidy --quiet $< -- $(LINT_CFLAGS) $(TARGET_CFLAGS) 2>/dev/null
	@$(CC) $(LINT_CFLAGS) $(TARGET_CFLAGS) -MM -MP -MT $@ -MF $(@:.ok=.d) $<
	@touch $@
$(BUILD)/lint/client/identity/rule_files.ok: $(RULES)
-include $(shell find $(BUILD)/lint -name '*.d' 2>/dev/null)

lint:
	@tests/setup.sh lint
	@$(MAKE) --no-print-directory -k $(JOBS) $(patsubst %.c,$(BUILD)/lint/%.ok,$(LINT_SOURCES))
	@BUILD=$(BUILD) tests/lint.sh $(LINT_CFLAGS)

bench: $(BENCH) $(BUILD)/tests/unit/group_libsodium all
	@BUILD=$(BUILD) $(BENCH) $(BENCH_ARGS)

load: $(LOAD) all
	@$(LOAD) $(BUILD)/bin/concord-matcher $(or $(LOAD_SECONDS),10)

# gcc's sanitizers see uninitialised values where there are none (clang does not know that warning).
CHECKED_CFLAGS := -O1 -g -Wno-maybe-uninitialized -Wno-unknown-warning-option
# Sanitized, a test takes up to ten times as long.
asan tsan: export TEST_TIMEOUT ?= 3600

asan:
	@$(MAKE) --no-print-directory check BUILD=$(BUILD)/asan SANITIZE=address,undefined CFLAGS='$(CHECKED_CFLAGS)'

tsan:
	@rm -f $(BUILD)/tsan/race.*
	@TSAN_OPTIONS='suppressions=$(CURDIR)/tests/tsan.supp log_path=$(abspath $(BUILD))/tsan/race' \
		$(MAKE) --no-print-directory check BUILD=$(BUILD)/tsan SANITIZE=thread CFLAGS='$(CHECKED_CFLAGS)'
	@! cat $(BUILD)/tsan/race.* 2>/dev/null

fuzz:
	@FUZZ_LIBS='$(LIBS)' tests/fuzz.sh $(TESTS)

SHARE := $(DESTDIR)$(PREFIX)/share
ETC := $(DESTDIR)/etc/concord
UNITS := $(DESTDIR)$(PREFIX)/lib/systemd/system
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/concord/schema $(SHARE)/man/man1 $(SHARE)/doc/concord $(UNITS) $(ETC) \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin/
	install -m 644 client/schema/*.json $(SHARE)/concord/schema/
	install -m 644 docs/man/*.1 $(SHARE)/man/man1/
	install -m 644 docs/*.md $(SHARE)/doc/concord/
	cp -r --no-preserve=mode docs/examples docs/images docs/ledger-example docs/training $(SHARE)/doc/concord/
	for c in docs/examples/*.conf; do [ -e $(ETC)/$${c##*/} ] || install -m 644 $$c $(ETC)/ || exit 1; done
	for u in docs/examples/systemd/*.service; do \
		sed 's,/usr/local/bin/,$(PREFIX)/bin/,' $$u >$(UNITS)/$${u##*/} && chmod 644 $(UNITS)/$${u##*/} || exit 1; done
	install -m 644 docs/examples/systemd/concord.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/concord.conf
	install -m 644 docs/examples/systemd/concord.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/concord.conf

# In a copy of what the packages are made of, in which .debian/ has the name that Debian's tools want.
DEB := $(BUILD)/deb
deb:
	@tests/setup.sh deb
	@rm -rf $(DEB) && mkdir -p $(DEB)/concord
	@cp -r Makefile README.md $(FOLDERS) docs $(DEB)/concord/ && cp -r .debian $(DEB)/concord/debian
	@cd $(DEB)/concord && env -u MAKEFLAGS -u MAKELEVEL -u BUILD -u CFLAGS dpkg-buildpackage -us -uc -b >../log 2>&1 || { tail -30 ../log; exit 1; }
	@rm -r $(DEB)/concord && ls $(DEB)/*.deb

check-packages: setup
	@tests/setup.sh packages
	@$(MAKE) --no-print-directory $(JOBS) all $(BUILD)/tests/quick.so
	@$(MAKE) --no-print-directory deb
	@BUILD=$(BUILD) tests/packages.sh

clean:
	rm -rf $(BUILD)
