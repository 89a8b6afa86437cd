-- How much of what we offer does each person sell, and each client buy?

INSERT INTO metric (code, name, unit, higher_is_better) VALUES
  ('product_range', 'Families of products sold', 'count', true);

CREATE FUNCTION family_offered(until date) RETURNS TABLE (family text, product_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT DISTINCT ON (p.family) p.family, p.product_id
  FROM product AS p
  WHERE p.family IS NOT NULL
    AND (p.introduced_on >= until) IS NOT TRUE
  ORDER BY p.family, p.introduced_on NULLS FIRST, p.product_id;
END;
COMMENT ON FUNCTION family_offered(date) IS
'The families of products on offer before that day, each with its first product; a product without a family is in none';

-- Norms are per day, week or month, and families do not add up over days: what is
-- counted is whole days, weeks or months in which as many families were sold.
CREATE FUNCTION range_norm(since date, until date) RETURNS TABLE (person_id bigint, first_day date, per text, norm numeric, sold int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH norm AS (
    SELECT s.person_id, s.role, s.per, s.norm, s.during
    FROM standard AS s
    JOIN metric AS m ON m.metric_id = s.metric_id AND m.code = 'product_range'
  ),
  unit AS MATERIALIZED (
    SELECT job.person_id, day.first_day, norm.per, norm.norm
    FROM norm
    JOIN employment AS job ON norm.person_id = job.person_id OR norm.role = job.role
    CROSS JOIN LATERAL generate_series(
      date_trunc(norm.per, since::timestamp), until::timestamp, ('1 ' || norm.per)::interval) AS u (first)
    CROSS JOIN LATERAL (
      SELECT u.first::date, (u.first + ('1 ' || norm.per)::interval)::date
    ) AS day (first_day, next_day)
    WHERE day.first_day >= since AND day.next_day <= until
      AND norm.during @> day.first_day
      AND job.during @> day.first_day
      AND (norm.person_id IS NOT NULL
        OR NOT EXISTS (
          SELECT
          FROM norm AS own
          WHERE own.person_id = job.person_id AND own.during @> day.first_day))
  ),
  family AS (
    SELECT b.person_id, wanted.per, date_trunc(wanted.per, b.booked_on::timestamp)::date AS first_day, item.family
    -- of everybody: with those who have a norm, of whom the planner expects one, all bookings would be read for each
    FROM (SELECT DISTINCT unit.per FROM unit) AS wanted
    JOIN credited_booking AS b ON b.booked_on >= since AND b.booked_on < until
    JOIN product AS item ON item.product_id = b.product_id
    WHERE item.family IS NOT NULL
    GROUP BY b.person_id, wanted.per, 3, item.family
    HAVING sum(b.amount) > 0
  )
  -- counted together and not joined: the planner takes both for a row or two
  SELECT either.person_id, either.first_day, either.per, max(either.norm), count(*) - count(either.norm)
  FROM (
    SELECT unit.person_id, unit.first_day, unit.per, unit.norm
    FROM unit
    UNION ALL
    SELECT family.person_id, family.first_day, family.per, NULL
    FROM family
  ) AS either
  GROUP BY either.person_id, either.first_day, either.per
  HAVING count(either.norm) > 0;
END;
COMMENT ON FUNCTION range_norm(date, date) IS
'The whole days, weeks or months of a span for which somebody has a norm of product_range on its first day, with the families sold in it; a norm of one''s own goes before the role''s';

CREATE FUNCTION product_range(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, period_from date, period_until date, families_sold int8, families_offered int8, range_rate float8,
  norm numeric, norm_per text, periods int8, periods_met int8, met_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT win.today, win.since, win.until,
      (SELECT count(*) FROM family_offered(win.until)) AS offered
    FROM settings(product_range.options, product_range.as_of) AS given (options)
    CROSS JOIN LATERAL growth_window(product_range.as_of, product_range.during, given.options) AS win
  ),
  sold AS (
    SELECT s.person_id, count(*) AS families
    FROM chosen
    CROSS JOIN LATERAL family_sold(chosen.since, chosen.until) AS s
    GROUP BY s.person_id
  ),
  norm AS (
    SELECT n.person_id, (array_agg(n.norm ORDER BY n.first_day DESC))[1] AS norm, (array_agg(n.per ORDER BY n.first_day DESC))[1] AS per,
      count(*) AS periods, count(*) FILTER (WHERE n.sold >= n.norm) AS met
    FROM chosen
    CROSS JOIN LATERAL range_norm(chosen.since, chosen.until) AS n
    GROUP BY n.person_id
  )
  SELECT who.code, who.name, chosen.since, chosen.until, coalesce(sold.families, 0), chosen.offered,
    coalesce(sold.families, 0)::float8 / nullif(chosen.offered, 0),
    norm.norm, norm.per, coalesce(norm.periods, 0), coalesce(norm.met, 0), norm.met::float8 / norm.periods
  FROM chosen
  CROSS JOIN (
    SELECT sold.person_id FROM sold
    UNION
    SELECT norm.person_id FROM norm
  ) AS asked
  LEFT JOIN sold ON sold.person_id IS NOT DISTINCT FROM asked.person_id
  LEFT JOIN norm ON norm.person_id = asked.person_id
  LEFT JOIN person AS who ON who.person_id = asked.person_id
  WHERE product_range.person IS NULL
    OR asked.person_id IN (
      SELECT r.person_id
      FROM chosen AS given
      CROSS JOIN LATERAL report_on(product_range.person, given.today) AS r)
  ORDER BY who.code;
END;
COMMENT ON FUNCTION product_range(timestamptz, text, daterange, jsonb) IS
'How many families of products each person sold of those on offer, and how often that met the norm of product_range; during: half-open days, by default the year that ends with as_of';

CREATE VIEW product_range WITH (security_invoker) AS
SELECT person, person_name, period_from, period_until, families_sold, families_offered, range_rate,
  norm::numeric(20,4), norm_per, periods, periods_met, met_share
FROM product_range();
COMMENT ON VIEW product_range IS 'Does each person sell the whole range of products, as often as the norm asks?';
COMMENT ON COLUMN product_range.person IS 'Code of the person; empty for bookings credited to nobody';
COMMENT ON COLUMN product_range.person_name IS 'Name of the person';
COMMENT ON COLUMN product_range.period_from IS 'First day of the span';
COMMENT ON COLUMN product_range.period_until IS 'Day after the last of the span, or after that of as_of if it comes first';
COMMENT ON COLUMN product_range.families_sold IS 'Families whose bookings in the span, returns taken off, add up to more than 0';
COMMENT ON COLUMN product_range.families_offered IS 'Families with a product introduced by the end of the span';
COMMENT ON COLUMN product_range.range_rate IS 'families_sold / families_offered, 0..1; empty where no product has a family';
COMMENT ON COLUMN product_range.norm IS 'Families to be sold, of the standard for metric product_range, the last in the span; empty without one';
COMMENT ON COLUMN product_range.norm_per IS 'in each day, week or month';
COMMENT ON COLUMN product_range.periods IS 'Whole days, weeks or months of the span with a norm on their first day';
COMMENT ON COLUMN product_range.periods_met IS 'Of these, those in which as many families were sold';
COMMENT ON COLUMN product_range.met_share IS 'periods_met / periods; empty without a norm';

CREATE FUNCTION product_range_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, win.today, win.since, win.until
    FROM settings(product_range_evidence.options, product_range_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL growth_window(product_range_evidence.as_of, product_range_evidence.during, given.options) AS win
  )
  SELECT who.code, 'families_sold', 'booking', b.code, book_midnight(b.booked_on, chosen.options), 1::numeric
  FROM chosen
  CROSS JOIN LATERAL family_sold(chosen.since, chosen.until) AS s
  JOIN booking AS b ON b.booking_id = s.booking_id
  LEFT JOIN person AS who ON who.person_id = s.person_id
  WHERE product_range_evidence.person IS NULL
    OR s.person_id IN (
      SELECT r.person_id
      FROM chosen AS given
      CROSS JOIN LATERAL report_on(product_range_evidence.person, given.today) AS r);
END;
COMMENT ON FUNCTION product_range_evidence(timestamptz, text, daterange, jsonb) IS
'The first booking of each family that product_range counts as sold';

CREATE FUNCTION account_range(since date, until date) RETURNS TABLE (
  account_id bigint, person_id bigint, family text, booking_id bigint, balance_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH bought AS (
    SELECT b.account_id, item.family,
      (array_agg(b.booking_id ORDER BY b.booked_on, b.booking_id) FILTER (WHERE b.amount > 0))[1] AS booking_id
    FROM booking AS b
    JOIN product AS item ON item.product_id = b.product_id
    WHERE b.booked_on >= since AND b.booked_on < until
      AND item.family IS NOT NULL
    GROUP BY b.account_id, item.family
    HAVING sum(b.amount) > 0
  ),
  held AS (
    SELECT b.account_id, item.family,
      (array_agg(b.balance_id ORDER BY b.balance DESC, b.balance_id))[1] AS balance_id
    FROM balance_row_at(until - 1) AS b
    JOIN product AS item ON item.product_id = b.product_id
    WHERE item.family IS NOT NULL
    GROUP BY b.account_id, item.family
    HAVING sum(b.balance) > 0
  ),
  has AS (
    SELECT coalesce(bought.account_id, held.account_id) AS account_id, coalesce(bought.family, held.family) AS family,
      bought.booking_id, held.balance_id
    FROM bought
    FULL JOIN held ON held.account_id = bought.account_id AND held.family = bought.family
  )
  SELECT a.account_id, owner.person_id, has.family, has.booking_id, has.balance_id
  FROM account AS a
  LEFT JOIN account_owner AS owner ON owner.account_id = a.account_id AND owner.during @> until - 1
  LEFT JOIN has ON has.account_id = a.account_id
  WHERE a.client_since < until
    AND (a.client_until < until) IS NOT TRUE;
END;
COMMENT ON FUNCTION account_range(date, date) IS
'The families that each client of the last day bought in a span or held at its end, with a row of each; one row without a family for a client without any';

CREATE FUNCTION product_range_by_account(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  account text, account_name text, person text, person_name text, period_from date, period_until date,
  families_bought int8, families_held int8, families int8, families_offered int8, range_rate float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT win.today, win.since, win.until,
      (SELECT count(*) FROM family_offered(win.until)) AS offered
    FROM settings(product_range_by_account.options, product_range_by_account.as_of) AS given (options)
    CROSS JOIN LATERAL growth_window(product_range_by_account.as_of, product_range_by_account.during, given.options) AS win
  ),
  counted AS (
    SELECT r.account_id, r.person_id, count(r.booking_id) AS bought, count(r.balance_id) AS held, count(r.family) AS families
    FROM chosen
    CROSS JOIN LATERAL account_range(chosen.since, chosen.until) AS r
    GROUP BY r.account_id, r.person_id
  )
  SELECT a.code, a.name, who.code, who.name, chosen.since, chosen.until,
    counted.bought, counted.held, counted.families, chosen.offered,
    counted.families::float8 / nullif(chosen.offered, 0)
  FROM chosen
  CROSS JOIN counted
  JOIN account AS a ON a.account_id = counted.account_id
  LEFT JOIN person AS who ON who.person_id = counted.person_id
  WHERE product_range_by_account.person IS NULL
    OR counted.person_id IN (
      SELECT r.person_id
      FROM chosen AS given
      CROSS JOIN LATERAL report_on(product_range_by_account.person, given.today) AS r)
  ORDER BY a.code;
END;
COMMENT ON FUNCTION product_range_by_account(timestamptz, text, daterange, jsonb) IS
'How many of the families on offer each client bought in a span or holds at its end; person: the owner on its last day; during: half-open days, by default the year that ends with as_of';

CREATE VIEW product_range_by_account WITH (security_invoker) AS
SELECT *
FROM product_range_by_account();
COMMENT ON VIEW product_range_by_account IS 'Which clients use one product alone, and could use more?';
COMMENT ON COLUMN product_range_by_account.account IS 'Code of the account, a client on the last day of the span';
COMMENT ON COLUMN product_range_by_account.account_name IS 'Name of the account';
COMMENT ON COLUMN product_range_by_account.person IS 'Code of its owner on that day; empty if nobody owns it';
COMMENT ON COLUMN product_range_by_account.person_name IS 'Name of the owner';
COMMENT ON COLUMN product_range_by_account.period_from IS 'First day of the span';
COMMENT ON COLUMN product_range_by_account.period_until IS 'Day after the last of the span, or after that of as_of if it comes first';
COMMENT ON COLUMN product_range_by_account.families_bought IS 'Families whose bookings in the span, returns taken off, add up to more than 0';
COMMENT ON COLUMN product_range_by_account.families_held IS 'Families with balances above 0 at the end of the span';
COMMENT ON COLUMN product_range_by_account.families IS 'Families bought or held';
COMMENT ON COLUMN product_range_by_account.families_offered IS 'Families with a product introduced by the end of the span';
COMMENT ON COLUMN product_range_by_account.range_rate IS 'families / families_offered, 0..1; empty where no product has a family';

CREATE FUNCTION product_range_by_account_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (account text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, win.today, win.since, win.until
    FROM settings(product_range_by_account_evidence.options, product_range_by_account_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL growth_window(
      product_range_by_account_evidence.as_of, product_range_by_account_evidence.during, given.options) AS win
  )
  SELECT a.code, counted.figure, counted.source, counted.code, book_midnight(counted.day, chosen.options), 1::numeric
  FROM chosen
  CROSS JOIN LATERAL account_range(chosen.since, chosen.until) AS r
  JOIN account AS a ON a.account_id = r.account_id
  LEFT JOIN booking AS b ON b.booking_id = r.booking_id
  LEFT JOIN balance AS h ON h.balance_id = r.balance_id
  CROSS JOIN LATERAL (
    VALUES ('families_bought', 'booking', b.code, b.booked_on),
      ('families_held', 'balance', coalesce(h.code, h.balance_id::text), h.day),
      ('families', CASE WHEN b.code IS NULL THEN 'balance' ELSE 'booking' END,
        coalesce(b.code, h.code, h.balance_id::text), coalesce(b.booked_on, h.day))
  ) AS counted (figure, source, code, day)
  WHERE counted.code IS NOT NULL
    AND (product_range_by_account_evidence.person IS NULL
      OR r.person_id IN (
        SELECT who.person_id
        FROM chosen AS given
        CROSS JOIN LATERAL report_on(product_range_by_account_evidence.person, given.today) AS who));
END;
COMMENT ON FUNCTION product_range_by_account_evidence(timestamptz, text, daterange, jsonb) IS
'A booking and a balance of each family that product_range_by_account counts';
