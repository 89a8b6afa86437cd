-- ---- rating: the band that a score falls into ----------------------------

CREATE FUNCTION rating(
  score float8,
  bands float8[],
  previous int DEFAULT NULL,
  margin float8 DEFAULT 2
)
RETURNS int
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rating';
COMMENT ON FUNCTION rating(float8, float8[], int, float8) IS
'Rating 1 (missed the targets) to 4 (exceeded them); bands are the lowest scores of 2, 3 and 4, and from a previous rating a bound is passed only by margin';
