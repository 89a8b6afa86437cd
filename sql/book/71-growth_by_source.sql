-- Where does the growth come from: existing accounts, new accounts, new products?

INSERT INTO metric (code, name, unit, higher_is_better) VALUES
  ('bookings_growth_existing_accounts', 'Growth of bookings with existing accounts', 'money', true),
  ('bookings_growth_new_accounts', 'Growth of bookings with new accounts', 'money', true),
  ('bookings_growth_new_products', 'Growth of bookings of new products', 'money', true),
  ('balance_growth_existing_accounts', 'Growth of balances of existing accounts', 'money', true),
  ('balance_growth_new_accounts', 'Growth of balances of new accounts', 'money', true),
  ('balance_growth_new_products', 'Growth of balances of new products', 'money', true);

-- The window before has as many days as the window, and touches it: from - days up
-- to from.  One day fewer, as when the last day is taken for the end of both, shows
-- growth where there is none.
CREATE FUNCTION growth_window(as_of timestamptz, during daterange, options jsonb)
RETURNS TABLE (today date, before date, since date, until date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT span.today, span.since - (span.until - span.since), span.since, span.until
  FROM report_span(growth_window.as_of, growth_window.during, growth_window.options) AS span
  WHERE span.since IS NOT NULL;
END;
COMMENT ON FUNCTION growth_window(timestamptz, daterange, jsonb) IS
'The days a report on growth is about, from since up to until, and as many before them, from before up to since; options as settings() gives them';

CREATE FUNCTION client_start(until date) RETURNS TABLE (account_id bigint, start_on date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT a.account_id, coalesce(CASE WHEN a.client_since < until THEN a.client_since END, first_seen.day)
  FROM account AS a
  LEFT JOIN (
    SELECT seen.account_id, min(seen.day) AS day
    FROM (
      SELECT b.account_id, b.booked_on AS day
      FROM booking AS b
      UNION ALL
      SELECT b.account_id, b.day
      FROM balance AS b
      WHERE b.balance <> 0
    ) AS seen
    -- most accounts tell it themselves
    WHERE seen.account_id IN (
      SELECT untold.account_id
      FROM account AS untold
      WHERE (untold.client_since < until) IS NOT TRUE)
    GROUP BY seen.account_id
  ) AS first_seen ON first_seen.account_id = a.account_id;
END;
COMMENT ON FUNCTION client_start(date) IS
'Since when each account is a client, as known before that day: client_since, or else its first booking or balance';

CREATE FUNCTION balance_row_at(day date) RETURNS TABLE (balance_id bigint, account_id bigint, product_id bigint, balance numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT newest.balance_id, newest.account_id, newest.product_id, newest.balance
  FROM (
    SELECT DISTINCT ON (b.account_id, b.product_id) b.balance_id, b.account_id, b.product_id, b.day, b.balance
    FROM balance AS b
    WHERE b.day <= balance_row_at.day
    ORDER BY b.account_id, b.product_id, b.day DESC
  ) AS newest
  JOIN account AS a ON a.account_id = newest.account_id
  WHERE (a.client_until <= balance_row_at.day AND newest.day < a.client_until) IS NOT TRUE;
END;
COMMENT ON FUNCTION balance_row_at(date) IS 'The rows behind balance_at(), with their key';

CREATE FUNCTION business_change(before date, since date, until date, options jsonb) RETURNS TABLE (
  measure text, growth_from text, account_id bigint, person_id bigint, record_id bigint, day date, is_after boolean, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH item AS (
    SELECT p.product_id
    FROM product AS p
    WHERE p.introduced_on > since - (options ->> 'new_product_days')::numeric::int
      AND p.introduced_on < until
  ),
  owner AS (
    SELECT DISTINCT ON (o.account_id) o.account_id, o.person_id
    FROM account_owner AS o
    WHERE o.during && daterange(since - 1, until)
    ORDER BY o.account_id, lower(o.during) DESC NULLS LAST
  ),
  seen AS (
    SELECT 'bookings' AS measure, b.account_id, b.person_id, b.product_id, b.booking_id AS record_id, b.booked_on AS day,
      b.booked_on >= since AS is_after, b.amount AS value
    FROM credited_booking AS b
    WHERE b.booked_on >= before AND b.booked_on < until
    UNION ALL
    SELECT 'balance', held.account_id, owner.person_id, held.product_id, held.balance_id, held.day, held.is_after, held.balance
    FROM (
      SELECT b.balance_id, b.account_id, b.product_id, since - 1 AS day, false AS is_after, b.balance
      FROM balance_row_at(since - 1) AS b
      UNION ALL
      SELECT b.balance_id, b.account_id, b.product_id, until - 1, true, b.balance
      FROM balance_row_at(until - 1) AS b
    ) AS held
    LEFT JOIN owner ON owner.account_id = held.account_id
  )
  SELECT seen.measure,
    CASE
      WHEN start.start_on >= since THEN 'new_accounts'
      WHEN item.product_id IS NOT NULL AND seen.account_id IS NOT NULL THEN 'new_products'
      ELSE 'existing_accounts'
    END,
    seen.account_id, seen.person_id, seen.record_id, seen.day, seen.is_after, seen.value
  FROM seen
  LEFT JOIN client_start(until) AS start ON start.account_id = seen.account_id
  LEFT JOIN item ON item.product_id = seen.product_id;
END;
COMMENT ON FUNCTION business_change(date, date, date, jsonb) IS
'Bookings of a window and of the one before it, and balances at the end of the window and before it, each by where growth comes from; a balance is its owner''s of the last day that had one; options as settings() gives them';

-- A target is shared out evenly over its days.  Of targets of a plan that overlap, a year
-- and the months it was split over, the shortest goes first, day by day, as on the
-- scorecard: they are never added.  One that others carry in parts counts there, for the
-- same metric alone.
CREATE FUNCTION growth_target(as_of timestamptz, today date, since date, until date)
RETURNS TABLE (plan_id bigint, person_id bigint, metric text, days int, asked numeric, target numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH goal AS MATERIALIZED (
    SELECT t.plan_id, t.person_id, t.metric, t.during, t.target
    FROM target_in_force(as_of, today) AS t
    WHERE t.kind IN ('quota', 'territory')
  ),
  nearer AS (
    SELECT goal.plan_id, goal.metric, goal.during, range_agg(part.during) AS during_parts
    FROM goal
    JOIN goal AS part
      ON part.plan_id = goal.plan_id
      AND part.metric = goal.metric
      AND part.during && goal.during
      AND (upper(part.during) - lower(part.during), lower(goal.during)) < (upper(goal.during) - lower(goal.during), lower(part.during))
    GROUP BY goal.plan_id, goal.metric, goal.during
  )
  SELECT goal.plan_id, goal.person_id, goal.metric, common.days, goal.target,
    goal.target * common.days / (upper(goal.during) - lower(goal.during))
  FROM goal
  LEFT JOIN nearer ON nearer.plan_id = goal.plan_id AND nearer.metric = goal.metric AND nearer.during = goal.during
  CROSS JOIN LATERAL (
    SELECT sum(upper(part.during) - lower(part.during))::int
    FROM unnest(datemultirange(goal.during * daterange(since, until)) - coalesce(nearer.during_parts, '{}')) AS part (during)
  ) AS common (days)
  WHERE common.days > 0
    AND NOT EXISTS (
      SELECT
      FROM plan AS part
      JOIN goal AS below ON below.plan_id = part.plan_id
      WHERE part.parent_id = goal.plan_id
        AND below.metric = goal.metric);
END;
COMMENT ON FUNCTION growth_target(timestamptz, date, date, date) IS
'What the quota and territory plans ask of each metric in a span: asked as it stands in the plan, target pro rata by the days in common, of overlapping ones the shortest; plans whose parts have targets of the metric count through them';

CREATE FUNCTION growth_by_source_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (measure text, growth_from text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, win.today, win.before, win.since, win.until
    FROM settings(growth_by_source_evidence.options, growth_by_source_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL growth_window(growth_by_source_evidence.as_of, growth_by_source_evidence.during, given.options) AS win
  ),
  moved AS (
    SELECT c.measure, c.growth_from, c.person_id, c.record_id, c.day, c.is_after, c.value, false AS was_before
    FROM chosen
    CROSS JOIN LATERAL business_change(chosen.before, chosen.since, chosen.until, chosen.options) AS c
    UNION ALL
    SELECT c.measure, c.growth_from, c.person_id, c.record_id, c.day, c.is_after, c.value, true
    FROM chosen
    CROSS JOIN LATERAL business_change(
      chosen.before - (chosen.since - chosen.before), chosen.before, chosen.since, chosen.options) AS c
  )
  SELECT moved.measure, moved.growth_from, counted.figure,
    CASE moved.measure WHEN 'bookings' THEN 'booking' ELSE 'balance' END,
    coalesce(b.code, h.code, moved.record_id::text), book_midnight(moved.day, chosen.options), counted.value
  FROM chosen
  CROSS JOIN moved
  LEFT JOIN booking AS b ON moved.measure = 'bookings' AND b.booking_id = moved.record_id
  LEFT JOIN balance AS h ON moved.measure = 'balance' AND h.balance_id = moved.record_id
  CROSS JOIN LATERAL (
    VALUES
      (CASE WHEN NOT moved.was_before THEN CASE WHEN moved.is_after THEN 'amount' ELSE 'previous_amount' END END, moved.value),
      (CASE WHEN moved.was_before THEN 'previous_growth' ELSE 'growth' END, CASE WHEN moved.is_after THEN moved.value ELSE -moved.value END)
  ) AS counted (figure, value)
  WHERE counted.figure IS NOT NULL
    AND (growth_by_source_evidence.person IS NULL
      OR moved.person_id IN (
        SELECT who.person_id
        FROM chosen AS given
        CROSS JOIN LATERAL report_on(growth_by_source_evidence.person, given.today) AS who))
  UNION ALL
  SELECT split.measure, split.growth_from, 'target', 'plan', plan.code, book_midnight(lower(plan.during), chosen.options), t.target
  FROM chosen
  CROSS JOIN LATERAL growth_target(growth_by_source_evidence.as_of, chosen.today, chosen.since, chosen.until) AS t
  JOIN plan ON plan.plan_id = t.plan_id
  JOIN (
    VALUES ('bookings', 'existing_accounts'), ('bookings', 'new_accounts'), ('bookings', 'new_products'),
      ('balance', 'existing_accounts'), ('balance', 'new_accounts'), ('balance', 'new_products')
  ) AS split (measure, growth_from) ON t.metric = split.measure || '_growth_' || split.growth_from
  WHERE growth_by_source_evidence.person IS NULL
    OR t.person_id IN (
      SELECT who.person_id
      FROM chosen AS given
      CROSS JOIN LATERAL report_on(growth_by_source_evidence.person, given.today) AS who);
END;
COMMENT ON FUNCTION growth_by_source_evidence(timestamptz, text, daterange, jsonb) IS
'The bookings, balances and plans that growth_by_source counts';

CREATE FUNCTION growth_by_source(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  measure text, growth_from text, period_from date, period_until date, previous_from date,
  amount numeric, previous_amount numeric, growth numeric, growth_rate float8, growth_share float8, previous_growth numeric,
  target numeric, variance numeric, attainment float8, target_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, win.today, win.before, win.since, win.until
    FROM settings(growth_by_source.options, growth_by_source.as_of) AS given (options)
    CROSS JOIN LATERAL growth_window(growth_by_source.as_of, growth_by_source.during, given.options) AS win
  ),
  part AS (
    SELECT c.measure, c.growth_from, c.person_id, sum(c.value) FILTER (WHERE c.is_after) AS amount,
      sum(c.value) FILTER (WHERE NOT c.is_after) AS previous_amount, NULL::numeric AS previous_growth, NULL::numeric AS target
    FROM chosen
    CROSS JOIN LATERAL business_change(chosen.before, chosen.since, chosen.until, chosen.options) AS c
    GROUP BY c.measure, c.growth_from, c.person_id
    UNION ALL
    SELECT c.measure, c.growth_from, c.person_id, NULL, NULL, sum(CASE WHEN c.is_after THEN c.value ELSE -c.value END), NULL
    FROM chosen
    CROSS JOIN LATERAL business_change(
      chosen.before - (chosen.since - chosen.before), chosen.before, chosen.since, chosen.options) AS c
    GROUP BY c.measure, c.growth_from, c.person_id
    UNION ALL
    SELECT split.measure, split.growth_from, t.person_id, NULL, NULL, NULL, sum(t.target)
    FROM chosen
    CROSS JOIN LATERAL growth_target(growth_by_source.as_of, chosen.today, chosen.since, chosen.until) AS t
    JOIN (
      VALUES ('bookings', 'existing_accounts'), ('bookings', 'new_accounts'), ('bookings', 'new_products'),
        ('balance', 'existing_accounts'), ('balance', 'new_accounts'), ('balance', 'new_products')
    ) AS split (measure, growth_from) ON t.metric = split.measure || '_growth_' || split.growth_from
    GROUP BY split.measure, split.growth_from, t.person_id
  ),
  counted AS (
    SELECT part.measure, part.growth_from, sum(part.amount) AS amount, sum(part.previous_amount) AS previous_amount,
      sum(part.previous_growth) AS previous_growth, sum(part.target) AS target
    FROM part
    WHERE growth_by_source.person IS NULL
      OR part.person_id IN (
        SELECT who.person_id
        FROM chosen AS given
        CROSS JOIN LATERAL report_on(growth_by_source.person, given.today) AS who)
    GROUP BY part.measure, part.growth_from
  ),
  -- all three sources of a measure that has any
  full_list AS (
    SELECT known.measure, origin.growth_from, coalesce(counted.amount, 0) AS amount, coalesce(counted.previous_amount, 0) AS previous_amount,
      coalesce(counted.amount, 0) - coalesce(counted.previous_amount, 0) AS growth,
      coalesce(counted.previous_growth, 0) AS previous_growth, counted.target, origin.place
    FROM (SELECT DISTINCT c.measure FROM counted AS c) AS known
    CROSS JOIN (VALUES (1, 'existing_accounts'), (2, 'new_accounts'), (3, 'new_products')) AS origin (place, growth_from)
    LEFT JOIN counted ON counted.measure = known.measure AND counted.growth_from = origin.growth_from
  )
  SELECT f.measure, f.growth_from, chosen.since, chosen.until, chosen.before,
    f.amount, f.previous_amount, f.growth,
    CASE WHEN f.previous_amount > 0 THEN (f.growth / f.previous_amount)::float8 END,
    CASE WHEN sum(f.growth) OVER whole > 0 THEN (f.growth / sum(f.growth) OVER whole)::float8 END,
    f.previous_growth, f.target, f.growth - f.target,
    (1 + (f.growth - f.target) / nullif(abs(f.target), 0))::float8,
    CASE WHEN sum(f.target) OVER whole > 0 THEN (f.growth / sum(f.target) OVER whole)::float8 END
  FROM chosen
  CROSS JOIN full_list AS f
  WINDOW whole AS (PARTITION BY f.measure)
  ORDER BY f.measure DESC, f.place;
END;
COMMENT ON FUNCTION growth_by_source(timestamptz, text, daterange, jsonb) IS
'Growth of bookings against as many days before, and of balances since the opening, by where it came from, and against its target; person: bookings of the person and everybody below, balances they owned last; during: half-open days, by default the year that ends with as_of';

CREATE VIEW growth_by_source WITH (security_invoker) AS
SELECT measure, growth_from, period_from, period_until, previous_from,
  amount::numeric(20,4), previous_amount::numeric(20,4), growth::numeric(20,4), growth_rate, growth_share,
  previous_growth::numeric(20,4), target::numeric(20,4), variance::numeric(20,4), attainment, target_share
FROM growth_by_source();
COMMENT ON VIEW growth_by_source IS 'Does the growth come from existing accounts, new accounts or new products, and as much of each as planned?';
COMMENT ON COLUMN growth_by_source.measure IS 'bookings or balance';
COMMENT ON COLUMN growth_by_source.growth_from IS 'existing_accounts; new_accounts: clients since the first day or later; new_products: sold to existing accounts, introduced fewer than new_product_days days before the first day, or in the span';
COMMENT ON COLUMN growth_by_source.period_from IS 'First day of the span';
COMMENT ON COLUMN growth_by_source.period_until IS 'Day after the last of the span, or after that of as_of if it comes first';
COMMENT ON COLUMN growth_by_source.previous_from IS 'First day of the span before, which has as many days and ends where this one begins';
COMMENT ON COLUMN growth_by_source.amount IS 'Bookings of the span; balances at its end';
COMMENT ON COLUMN growth_by_source.previous_amount IS 'Bookings of the span before; balances when the first day began';
COMMENT ON COLUMN growth_by_source.growth IS 'amount - previous_amount; the three of a measure add up to its growth';
COMMENT ON COLUMN growth_by_source.growth_rate IS 'growth / previous_amount; empty unless that is above 0';
COMMENT ON COLUMN growth_by_source.growth_share IS 'growth / the growth of the measure; empty unless that is above 0';
COMMENT ON COLUMN growth_by_source.previous_growth IS 'growth of the span before, found in the same way: against the span before it';
COMMENT ON COLUMN growth_by_source.target IS 'Growth that quota and territory plans ask for, metric <measure>_growth_<growth_from>, pro rata by days; empty without such a target';
COMMENT ON COLUMN growth_by_source.variance IS 'growth - target';
COMMENT ON COLUMN growth_by_source.attainment IS '1 + variance / |target|; empty for a target of 0';
COMMENT ON COLUMN growth_by_source.target_share IS 'growth / the sum of the measure''s targets: how much of the whole growth target it brought; empty unless that is above 0';
