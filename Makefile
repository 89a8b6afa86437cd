# salesmgmt: a PostgreSQL extension built with PGXS.
#
#   make demo      everything from nothing to the manager's morning report
#   make test      everything from nothing to "N passed, N failed, N skipped"
#   make bench     everything from nothing to a table of ratios (ROWS=, ROUNDS=, PEERS=1; BOOK=1 for the book)
#   make fuzz      everything from nothing to random bytes as stored states, for TIME= seconds (60)
#   make, make install, make installcheck      the usual PGXS targets
#
# Every list is explicit and in order: a wildcard breaks VPATH builds and hides order.

here := $(patsubst %/,%,$(dir $(abspath $(firstword $(MAKEFILE_LIST)))))

# These set their machine up themselves, so they must not need PGXS to be read.
self_sufficient = demo test bench fuzz
ifneq ($(filter $(self_sufficient),$(MAKECMDGOALS)),)

.PHONY: $(self_sufficient)
demo:
	@# DATA means something else to PGXS, so the build below must not inherit it
	@env -u DATA -u MAKEFLAGS $(here)/test/demo.sh $(if $(DATA),'$(DATA)')
test:
	@$(here)/test/run.sh $(SUITES)
bench:
	@$(here)/test/bench/run.sh $(BENCHMARKS)
fuzz:
	@env -u MAKEFLAGS $(here)/test/fuzz.sh $(TIME)

else

EXTENSION = salesmgmt
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(here)/salesmgmt.control)

# ---- C -------------------------------------------------------------------
MODULE_big = salesmgmt
# src/core is plain C11, also linked into test/core without a server.
CORE = wire calendar percentile durations entity funnel funnel_deferred funnel_log funnel_merge funnel_cursor funnel_rules funnel_wire funnel_wire_log funnel_apart funnel_event_sort funnel_sort funnel_chain funnel_gate funnel_search entity_sample funnel_tally funnel_result \
	exact_sum number quotient driver rate fisher prior robust rating score_sums score score_parts brier bookings outcomes workdays cadence cadence_rule cadence_wire stage_instant stage_times competing competing_result
GLUE = salesmgmt state handover handover_parts options funnel_options funnel_conversion chart rate rate_prior robust_scale rating rep_score rep_score_parts amount_sum amount plan_variance price_volume_mix price_volume_mix_parts driver_variance forecast_accuracy brier bookings_distribution working_days pace cadence_options cadence_adherence stage_times competing_risks
OBJS = $(CORE:%=src/core/%.o) $(GLUE:%=src/%.o)
PG_CPPFLAGS = -I$(here)/src -DSALESMGMT_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -std=gnu11 -Wno-declaration-after-statement $(WERROR:%=-Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers -Wno-cast-function-type -Werror)

# ---- SQL -----------------------------------------------------------------
INSTALL_PARTS = 00-schema 20-funnel_options 21-funnel_conversion 30-rep_score 31-rating 32-rate 33-chart 34-rate_prior 35-robust_scale 36-rep_score_parts 40-plan_variance 41-price_volume_mix 42-driver_variance 50-forecast_accuracy 51-brier 52-bookings_distribution 60-working_days 61-pace 62-cadence_options 63-cadence_adherence 70-stage_times 71-competing_risks 90-book 92-load 93-merge 94-merge_table 95-demo 96-demo_org 97-demo_deal 98-demo_market 98-demo_marketing 99-demo_account_plan 99-demo_work
BOOK_PARTS = 10-org 15-setting 17-team 20-market 21-balance 22-booking_credit 24-retention 25-balance_bridge 26-portfolio_size 30-pipeline 31-deal_at 32-stage 33-funnel 34-win_rate 35-open_deal 36-pipeline_waterfall 37-slippage 38-win_rate_from_stage 39-loss_reason 40-activity 41-sales_velocity 42-activity_compliance 43-request 44-open_deal_watch 45-marketing 46-close_evidence 47-pipeline_evidence 48-activity_ratio 49-kpi_week 50-plan 51-pipeline_review 52-attainment 53-plan_pace 54-pipeline_coverage 55-forecast 56-forecast_accuracy 57-forecast_value_added 58-forecast_horizon 59-forecast_rollup 60-coaching 61-commit_reliability 62-spread_target 63-plan_coverage 64-target_attainment 65-quota_cascade 66-without_quota 67-plan_reset 68-plan_check 69-target_chance 70-rating 71-growth_by_source 72-market_growth 73-balance_growth 74-product_range 75-retention_acquisition_mix 76-campaign_return 77-target_chance_by_team 78-manager_selling 79-kpi 80-scorecard 81-scorecard_evidence 82-coaching_point 83-clients_evidence 84-morning_report 85-plan_check_evidence 86-evidence 87-plan_evidence
SUBJECTS = $(BOOK_PARTS:%=$(here)/sql/book/%.sql)

script = build/$(EXTENSION)--$(EXTVERSION).sql
DATA_built = $(script)
EXTRA_CLEAN = build results output_iso tmp_check regression.diffs regression.out

# ---- tests against an installed extension (make installcheck) -------------
load_extensions = --load-extension=btree_gist --load-extension=salesmgmt
# The measures and the making of a book, in order.
REGRESS = install funnel_options funnel_conversion funnel_disjoint funnel_spill funnel_parallel rep_score rating rate rate_prior robust_scale rep_score_parts chart plan_variance numeric_digits price_volume_mix driver_variance forecast_accuracy brier bookings_distribution working_days pace cadence_options cadence_adherence stage_times competing_risks book load quickstart $(SUBJECT_RULES) $(REPORTS) demo
# The rules of the tables, a test a subject.
SUBJECT_RULES = org setting market booking_credit pipeline activity marketing plan forecast coaching rating_rules row_security
# The reports, on books counted by hand.
REPORTS = clients funnel win_rate pipeline_waterfall slippage win_rate_from_stage loss_reason sales_velocity open_deal_watch campaign_return attainment target_attainment growth activity_compliance activity_ratio kpi_week pipeline_review forecast_error forecast_horizon forecast_rollup pipeline_coverage quota_cascade plan_coverage plan_reset plan_check target_chance scorecard morning_report
REGRESS_OPTS = $(load_extensions)
ISOLATION = reporting_cycle parent_cycle present_state booking_credit
ISOLATION_OPTS = --inputdir=$(here)/test/isolation $(load_extensions)

PGTAP = project catalogue questions arguments stored_states funnel_conversion rep_score rate rate_prior robust_scale rep_score_parts plan_variance price_volume_mix driver_variance forecast_accuracy brier bookings_distribution working_days pace cadence_adherence stage_times competing_risks records stories pipeline_views plan_views plan_reports plan_levels pipeline_review forecast_views clients_views growth_views request_load without_quota pipeline_watch as_of evidence
REAL = adventureworks maven_crm
TAP = 001_dump 002_load 003_doc

PG_CONFIG ?= pg_config
pg_version := $(shell $(PG_CONFIG) --version 2>/dev/null)
pg_major := $(shell echo '$(pg_version)' | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p')
ifeq ($(pg_major),)
$(error $(PG_CONFIG) did not say its version: set PG_CONFIG to the pg_config of a PostgreSQL server, or type make test, which finds or installs one)
endif
ifeq ($(shell test $(pg_major) -ge 15 && echo yes),)
$(error salesmgmt needs PostgreSQL 15 or newer, $(PG_CONFIG) is of $(pg_version))
endif
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# The suites of make test, each against the server that the environment names.
# TAP tests start servers of their own, which PostgreSQL refuses to do as root.
.PHONY: check-core check-regress check-pgtap check-real check-tap
check-core:
	$(MAKE) -C $(here)/test/core check
check-regress: installcheck
check-pgtap:
	pg_prove --verbose $(PGTAP:%=$(here)/test/pgtap/%.sql)
check-real:
	pg_prove --verbose $(REAL:%=$(here)/test/real/%.sql)
check-tap:
	$(here)/test/tap.sh $(TAP)

# Objects and the script need their folders in the build tree.  Written in full: make would
# find those of the source tree, too.
build_dirs = $(CURDIR)/src/core $(CURDIR)/build
$(OBJS): | $(CURDIR)/src/core
$(script): | $(CURDIR)/build
$(build_dirs):
	mkdir -p $@
$(OBJS): $(wildcard $(here)/src/*.h $(here)/src/core/*.h) $(here)/salesmgmt.control

# The install script is its parts, in order; the book's subjects travel inside it as data.
$(script): $(INSTALL_PARTS:%=$(here)/sql/install/%.sql) $(SUBJECTS) $(here)/salesmgmt.control $(here)/Makefile
	{ printf '%s\n' '\echo Use "CREATE EXTENSION salesmgmt CASCADE" to load this file. \quit'; \
	  cat $(INSTALL_PARTS:%=$(here)/sql/install/%.sql); \
	  for part in $(BOOK_PARTS); do \
	    echo "INSERT INTO salesmgmt.book_subject VALUES ($${part%%-*}, '$${part#*-}', \$$book_subject\$$"; \
	    cat $(here)/sql/book/$$part.sql; \
	    echo "\$$book_subject\$$);"; \
	  done; } > $@.tmp && mv $@.tmp $@

endif
