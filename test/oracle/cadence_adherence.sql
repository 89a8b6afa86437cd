-- The plain-SQL twin of cadence_adherence: a row a slot, a row a session.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.cadence_adherence(held date[], every interval, anchor date, period daterange,
  tolerance int, excused datemultirange, as_of date)
RETURNS TABLE (due int8, held int8, late int8, missed int8, pending int8, excused int8, extra int8,
  adherence_rate float8, longest_gap_days float8, next_due date)
LANGUAGE sql
AS $$
  WITH slot AS MATERIALIZED (
    SELECT k, due, next_due, due <@ $4 AS of_period
    FROM generate_series(0, greatest(upper($4) - coalesce($3, lower($4)), 0) + $5 + 400) AS k,
      LATERAL (
        SELECT (coalesce($3, lower($4)) + k * $2)::date AS due,
          (coalesce($3, lower($4)) + (k + 1) * $2)::date AS next_due) AS day
  ),
  session AS MATERIALIZED (
    SELECT held_on, n, (SELECT max(k) FROM slot WHERE slot.due - $5 <= held_on) AS k
    FROM unnest($1) WITH ORDINALITY AS session (held_on, n)
    WHERE held_on <= coalesce($7, date '9999-01-01')
  ),
  judged AS (
    SELECT slot.due, slot.next_due,
      CASE
        WHEN first_held <= slot.due + $5 THEN 'held'
        WHEN first_held IS NOT NULL THEN 'late'
        WHEN (SELECT bool_and($6 @> day::date)
              FROM generate_series(slot.due::timestamp, slot.next_due - 1, interval '1 day') AS day) THEN 'excused'
        WHEN $7 IS NULL OR slot.next_due - $5 < $7 THEN 'missed'
        ELSE 'pending'
      END AS outcome
    FROM slot
    LEFT JOIN (SELECT k, min(held_on) AS first_held FROM session GROUP BY k) AS first USING (k)
    WHERE of_period
  ),
  gap AS (
    SELECT max(day - previous) AS days
    FROM (
      SELECT day, lag(day) OVER (ORDER BY day) AS previous
      FROM (VALUES (greatest(lower($4), $3)), (least(upper($4), $7))) AS bound (start),
        LATERAL (
          SELECT bound.start AS day
          UNION ALL
          SELECT held_on
          FROM session
          WHERE held_on > greatest(lower($4), $3)
            AND held_on < least(upper($4), $7)) AS point
      WHERE greatest(lower($4), $3) < least(upper($4), $7)) AS pair
  )
  SELECT count(*) FILTER (WHERE outcome IN ('held', 'late', 'missed')),
    count(*) FILTER (WHERE outcome = 'held'),
    count(*) FILTER (WHERE outcome = 'late'),
    count(*) FILTER (WHERE outcome = 'missed'),
    count(*) FILTER (WHERE outcome = 'pending'),
    count(*) FILTER (WHERE outcome = 'excused'),
    -- sessions of a slot of the period, or before all slots but in the period, that fill none
    (SELECT count(*) FROM session LEFT JOIN slot USING (k) WHERE of_period OR k IS NULL AND held_on <@ $4)
      - count(*) FILTER (WHERE outcome IN ('held', 'late')),
    count(*) FILTER (WHERE outcome = 'held')::float8
      / nullif(count(*) FILTER (WHERE outcome IN ('held', 'late', 'missed')), 0),
    (SELECT days FROM gap),
    min(judged.due) FILTER (WHERE outcome = 'pending' AND judged.next_due - $5 > $7)
  FROM judged
$$;
