-- Do we grow faster than the market?

CREATE FUNCTION market_change(as_of timestamptz, options jsonb, person text, during daterange) RETURNS TABLE (
  segment_id bigint, since date, until date, growth_rate numeric, measure text, record_id bigint, day date, is_after boolean, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT span.today, span.since, span.until
    FROM report_span(market_change.as_of, market_change.during, market_change.options) AS span
  ),
  period AS MATERIALIZED (
    SELECT g.segment_id, lower(g.during) AS since, upper(g.during) AS until, g.growth_rate
    FROM chosen
    JOIN segment_growth AS g
      ON upper(g.during) <= chosen.until
      AND (chosen.since IS NULL OR upper(g.during) > chosen.since)
  )
  SELECT period.segment_id, period.since, period.until, period.growth_rate,
    change.measure, change.record_id, change.day, change.is_after, change.value
  FROM (
    SELECT span.since, span.until, a.segment_id, found.*
    FROM (SELECT DISTINCT p.since, p.until FROM period AS p) AS span
    CROSS JOIN LATERAL business_change(
      span.since - (span.until - span.since), span.since, span.until, market_change.options) AS found
    JOIN account AS a ON a.account_id = found.account_id
    -- each span once, not once for each segment
    OFFSET 0
  ) AS change
  JOIN period ON period.segment_id = change.segment_id AND period.since = change.since AND period.until = change.until
  WHERE market_change.person IS NULL
    OR change.person_id IN (
      SELECT who.person_id
      FROM chosen
      CROSS JOIN LATERAL report_on(market_change.person, chosen.today) AS who);
END;
COMMENT ON FUNCTION market_change(timestamptz, jsonb, text, daterange) IS
'Our business in each segment and period whose market growth is known, and in as many days before; options as settings() gives them';

CREATE FUNCTION market_growth(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  segment text, segment_name text, period_from date, period_until date, measure text, previous_from date,
  amount numeric, previous_amount numeric, growth numeric, own_growth_rate float8, market_growth_rate float8, above_market_rate float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH counted AS (
    SELECT c.segment_id, c.since, c.until, c.growth_rate, c.measure,
      coalesce(sum(c.value) FILTER (WHERE c.is_after), 0) AS amount,
      coalesce(sum(c.value) FILTER (WHERE NOT c.is_after), 0) AS previous_amount
    FROM settings(market_growth.options, market_growth.as_of) AS given (options)
    CROSS JOIN LATERAL market_change(market_growth.as_of, given.options, market_growth.person, market_growth.during) AS c
    GROUP BY c.segment_id, c.since, c.until, c.growth_rate, c.measure
  )
  SELECT s.code, s.name, counted.since, counted.until, counted.measure, counted.since - (counted.until - counted.since),
    counted.amount, counted.previous_amount, counted.amount - counted.previous_amount,
    own.rate::float8, counted.growth_rate::float8, (own.rate - counted.growth_rate)::float8
  FROM counted
  JOIN segment AS s ON s.segment_id = counted.segment_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN counted.previous_amount > 0 THEN (counted.amount - counted.previous_amount) / counted.previous_amount END
  ) AS own (rate)
  ORDER BY s.code, counted.since, counted.measure DESC;
END;
COMMENT ON FUNCTION market_growth(timestamptz, text, daterange, jsonb) IS
'Our growth in each segment against that of the market, in the periods of segment_growth that end in during, by default in the year that ends with as_of; person: bookings of the person and everybody below, balances they owned last';

CREATE VIEW market_growth WITH (security_invoker) AS
SELECT segment, segment_name, period_from, period_until, measure, previous_from,
  amount::numeric(20,4), previous_amount::numeric(20,4), growth::numeric(20,4), own_growth_rate, market_growth_rate, above_market_rate
FROM market_growth();
COMMENT ON VIEW market_growth IS 'Do we grow faster than the market, segment by segment?';
COMMENT ON COLUMN market_growth.segment IS 'Code of the segment';
COMMENT ON COLUMN market_growth.segment_name IS 'Name of the segment';
COMMENT ON COLUMN market_growth.period_from IS 'First day of the period whose market growth is known';
COMMENT ON COLUMN market_growth.period_until IS 'Day after the last of the period';
COMMENT ON COLUMN market_growth.measure IS 'bookings or balance';
COMMENT ON COLUMN market_growth.previous_from IS 'First day of the span before, which has as many days and ends where the period begins';
COMMENT ON COLUMN market_growth.amount IS 'Bookings with the segment in the period; its balances at the end';
COMMENT ON COLUMN market_growth.previous_amount IS 'Bookings with the segment in the span before; its balances when the first day began';
COMMENT ON COLUMN market_growth.growth IS 'amount - previous_amount';
COMMENT ON COLUMN market_growth.own_growth_rate IS 'growth / previous_amount; empty unless that is above 0';
COMMENT ON COLUMN market_growth.market_growth_rate IS 'Growth of the segment''s market in the period';
COMMENT ON COLUMN market_growth.above_market_rate IS 'own_growth_rate - market_growth_rate: below 0 we lose share';

CREATE FUNCTION market_growth_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (segment text, period_from date, period_until date, measure text,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.code, c.since, c.until, c.measure, counted.figure,
    CASE c.measure WHEN 'bookings' THEN 'booking' ELSE 'balance' END,
    coalesce(b.code, h.code, c.record_id::text), book_midnight(c.day, given.options), counted.value
  FROM settings(market_growth_evidence.options, market_growth_evidence.as_of) AS given (options)
  CROSS JOIN LATERAL market_change(
    market_growth_evidence.as_of, given.options, market_growth_evidence.person, market_growth_evidence.during) AS c
  JOIN segment AS s ON s.segment_id = c.segment_id
  LEFT JOIN booking AS b ON c.measure = 'bookings' AND b.booking_id = c.record_id
  LEFT JOIN balance AS h ON c.measure = 'balance' AND h.balance_id = c.record_id
  CROSS JOIN LATERAL (
    VALUES (CASE WHEN c.is_after THEN 'amount' ELSE 'previous_amount' END, c.value),
      ('growth', CASE WHEN c.is_after THEN c.value ELSE -c.value END)
  ) AS counted (figure, value);
END;
COMMENT ON FUNCTION market_growth_evidence(timestamptz, text, daterange, jsonb) IS 'The bookings and balances that market_growth counts';
