-- ---- rep_score: weighted attainment of KPIs ------------------------------

CREATE TYPE salesmgmt.score_options AS (
  zero_target text,
  floor float8,
  cap float8,
  min_coverage float8
);
COMMENT ON TYPE score_options IS
'How rep_score scores; made by the function score_options()';
COMMENT ON COLUMN score_options.zero_target IS
'A target of 0: pass_fail (attained is 1, not attained 0) or skip (counts as missing)';
COMMENT ON COLUMN score_options.floor IS
'Lowest attainment that counts, 1 being the target met';
COMMENT ON COLUMN score_options.cap IS
'Highest attainment that counts, 1 being the target met';
COMMENT ON COLUMN score_options.min_coverage IS
'Share of the weight, 0 to 1, that must be present for a score';

CREATE FUNCTION score_options(
  zero_target text DEFAULT 'pass_fail',
  floor float8 DEFAULT 0,
  cap float8 DEFAULT 1.5,
  min_coverage float8 DEFAULT 0.5
)
RETURNS score_options
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'score_options_build';
COMMENT ON FUNCTION score_options(text, float8, float8, float8) IS
'Options of rep_score, checked; NULL is the default';

CREATE TYPE salesmgmt.rep_score_result AS (
  score float8,
  coverage float8,
  n int8,
  missing int8
);
COMMENT ON TYPE rep_score_result IS
'What rep_score returns';
COMMENT ON COLUMN rep_score_result.score IS
'100 times the weighted mean attainment: 100 is every target met; NULL below min_coverage';
COMMENT ON COLUMN rep_score_result.coverage IS
'Weight present as a share of the weight asked, 0 to 1; NULL where no weight was asked';
COMMENT ON COLUMN rep_score_result.n IS
'Rows that count';
COMMENT ON COLUMN rep_score_result.missing IS
'Rows left out: actual or target NULL, or a zero target skipped';

CREATE TYPE salesmgmt.rep_score_state;

CREATE FUNCTION rep_score_state_in(cstring)
RETURNS rep_score_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_state_in';
COMMENT ON FUNCTION rep_score_state_in(cstring) IS
'Text input of rep_score_state';

CREATE FUNCTION rep_score_state_out(rep_score_state)
RETURNS cstring
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_state_out';
COMMENT ON FUNCTION rep_score_state_out(rep_score_state) IS
'Text output of rep_score_state';

CREATE FUNCTION rep_score_state_recv(internal)
RETURNS rep_score_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_state_recv';
COMMENT ON FUNCTION rep_score_state_recv(internal) IS
'Binary input of rep_score_state';

CREATE FUNCTION rep_score_state_send(rep_score_state)
RETURNS bytea
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_state_send';
COMMENT ON FUNCTION rep_score_state_send(rep_score_state) IS
'Binary output of rep_score_state';

CREATE TYPE salesmgmt.rep_score_state (
  INPUT = rep_score_state_in,
  OUTPUT = rep_score_state_out,
  RECEIVE = rep_score_state_recv,
  SEND = rep_score_state_send,
  STORAGE = extended
);
COMMENT ON TYPE rep_score_state IS
'Partial result of rep_score';

CREATE FUNCTION rep_score_transition(
  state rep_score_state,
  actual float8,
  target float8,
  weight float8,
  higher_is_better boolean,
  options score_options
)
RETURNS rep_score_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_transition';
COMMENT ON FUNCTION rep_score_transition(rep_score_state, float8, float8, float8, boolean, score_options) IS
'Transition function of rep_score';

CREATE FUNCTION rep_score_combine(state rep_score_state, other rep_score_state)
RETURNS rep_score_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_combine';
COMMENT ON FUNCTION rep_score_combine(rep_score_state, rep_score_state) IS
'Combine function of rep_score';

CREATE FUNCTION rep_score_final(state rep_score_state)
RETURNS rep_score_result
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_final';
COMMENT ON FUNCTION rep_score_final(rep_score_state) IS
'Final function of rep_score';

CREATE AGGREGATE salesmgmt.rep_score(
  actual float8,
  target float8,
  weight float8,
  higher_is_better boolean,
  options score_options
) (
  SFUNC = rep_score_transition,
  STYPE = rep_score_state,
  SSPACE = 160,
  COMBINEFUNC = rep_score_combine,
  FINALFUNC = rep_score_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE rep_score(float8, float8, float8, boolean, score_options) IS
'Score of a person over weighted KPIs: 100 times the weighted mean attainment of what is present';

CREATE AGGREGATE salesmgmt.rep_score_state(
  actual float8,
  target float8,
  weight float8,
  higher_is_better boolean,
  options score_options
) (
  SFUNC = rep_score_transition,
  STYPE = rep_score_state,
  SSPACE = 160,
  COMBINEFUNC = rep_score_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE rep_score_state(float8, float8, float8, boolean, score_options) IS
'What rep_score keeps of the rows, to store and combine later with rep_score_rollup';

CREATE AGGREGATE salesmgmt.rep_score_rollup(state rep_score_state) (
  SFUNC = rep_score_combine,
  STYPE = rep_score_state,
  SSPACE = 160,
  COMBINEFUNC = rep_score_combine,
  FINALFUNC = rep_score_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE rep_score_rollup(rep_score_state) IS
'rep_score from states that rep_score_state made: the same answer as from their rows; a NULL state is skipped';
