-- ---- working days of a span ----------------------------------------------

CREATE FUNCTION working_days(
  since date,
  until date,
  holidays date[] DEFAULT '{}',
  week int[] DEFAULT '{1,2,3,4,5}'
)
RETURNS int
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'working_days';
COMMENT ON FUNCTION working_days(date, date, date[], int[]) IS
'Working days from since up to, not including, until: days of the week (1 Monday to 7 Sunday) that are no holidays; 0 where until is not after since';
