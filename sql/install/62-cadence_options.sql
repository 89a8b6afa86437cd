-- ---- the rule of a cadence ------------------------------------------------

CREATE TYPE salesmgmt.cadence_options AS (
  every interval,
  anchor date,
  period daterange,
  tolerance int,
  excused datemultirange,
  as_of date
);
COMMENT ON TYPE cadence_options IS
'The rule that cadence_adherence holds sessions against; made by the function cadence_options()';
COMMENT ON COLUMN cadence_options.every IS
'A session is due this often: months, days or both';
COMMENT ON COLUMN cadence_options.anchor IS
'The first session is due on this day, the k-th after it k times every later; by default the first day of the period';
COMMENT ON COLUMN cadence_options.period IS
'Half-open days: the sessions due in them are judged';
COMMENT ON COLUMN cadence_options.tolerance IS
'A session may be this many days early or late';
COMMENT ON COLUMN cadence_options.excused IS
'Days on which nobody expects a session, such as leave';
COMMENT ON COLUMN cadence_options.as_of IS
'What is later has not happened yet; NULL judges the whole period';

CREATE FUNCTION cadence_options(
  every interval,
  anchor date DEFAULT NULL,
  period daterange DEFAULT NULL,
  tolerance int DEFAULT 1,
  excused datemultirange DEFAULT '{}',
  as_of date DEFAULT NULL
)
RETURNS cadence_options
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'cadence_options_build';
COMMENT ON FUNCTION cadence_options(interval, date, daterange, int, datemultirange, date) IS
'Options of cadence_adherence, checked; every and period must be given';
