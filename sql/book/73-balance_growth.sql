-- Whose clients hold more than before, and faster than in the span before?

CREATE FUNCTION balance_held(as_of timestamptz, options jsonb, person text, during daterange) RETURNS TABLE (
  today date, before date, since date, until date, person_id bigint, scope text, family text,
  account_id bigint, balance_id bigint, moment int, day date, balance numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT win.today, win.before, win.since, win.until
    FROM growth_window(balance_held.as_of, balance_held.during, balance_held.options) AS win
  ),
  owner AS (
    SELECT DISTINCT ON (o.account_id) o.account_id, o.person_id
    FROM chosen
    JOIN account_owner AS o ON o.during && daterange(chosen.since - 1, chosen.until)
    ORDER BY o.account_id, lower(o.during) DESC NULLS LAST
  ),
  held AS MATERIALIZED (
    SELECT owner.person_id, item.family, b.account_id, b.balance_id, moment.n, moment.day, b.balance
    FROM chosen
    CROSS JOIN LATERAL (
      VALUES (1, chosen.before - 1), (2, chosen.since - 1), (3, chosen.until - 1)
    ) AS moment (n, day)
    CROSS JOIN LATERAL balance_row_at(moment.day) AS b
    LEFT JOIN product AS item ON item.product_id = b.product_id
    LEFT JOIN owner ON owner.account_id = b.account_id
  ),
  below AS MATERIALIZED (
    SELECT t.leader_id, t.person_id, max(t.level) OVER (PARTITION BY t.leader_id) > 0 AS leads
    FROM chosen
    CROSS JOIN LATERAL team(chosen.until - 1) AS t
  )
  SELECT chosen.today, chosen.before, chosen.since, chosen.until, asked.person_id, asked.scope, asked.family,
    asked.account_id, asked.balance_id, asked.n, asked.day, asked.balance
  FROM chosen
  CROSS JOIN (
    SELECT held.person_id, 'own' AS scope, held.family, held.account_id, held.balance_id, held.n, held.day, held.balance
    FROM held
    UNION ALL
    SELECT below.leader_id, 'team', held.family, held.account_id, held.balance_id, held.n, held.day, held.balance
    FROM below
    JOIN held ON held.person_id = below.person_id
    WHERE below.leads
  ) AS asked
  WHERE balance_held.person IS NULL
    OR asked.person_id IN (
      SELECT who.person_id
      FROM chosen AS given
      CROSS JOIN LATERAL report_on(balance_held.person, given.today) AS who);
END;
COMMENT ON FUNCTION balance_held(timestamptz, jsonb, text, daterange) IS
'The balances that balance_growth counts, of moment 3 the end of the span, 2 its opening and 1 the opening of the span before: each for its last owner and the leaders above; options as settings() gives them';

CREATE FUNCTION balance_growth(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, scope text, family text, period_from date, period_until date, previous_from date,
  opening_balance numeric, closing_balance numeric, growth numeric, growth_rate float8,
  previous_opening_balance numeric, previous_growth numeric, previous_growth_rate float8, faster_rate float8, closing_clients int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH counted AS (
    SELECT h.person_id, h.scope, h.family, h.before, h.since, h.until,
      coalesce(sum(h.balance) FILTER (WHERE h.moment = 1), 0) AS first,
      coalesce(sum(h.balance) FILTER (WHERE h.moment = 2), 0) AS opening,
      coalesce(sum(h.balance) FILTER (WHERE h.moment = 3), 0) AS closing,
      count(DISTINCT h.account_id) FILTER (WHERE h.moment = 3 AND h.balance <> 0) AS clients
    FROM settings(balance_growth.options, balance_growth.as_of) AS given (options)
    CROSS JOIN LATERAL balance_held(balance_growth.as_of, given.options, balance_growth.person, balance_growth.during) AS h
    GROUP BY h.person_id, h.scope, h.family, h.before, h.since, h.until
  )
  SELECT who.code, who.name, counted.scope, counted.family, counted.since, counted.until, counted.before,
    counted.opening, counted.closing, counted.closing - counted.opening, now_rate.rate::float8,
    counted.first, counted.opening - counted.first, before_rate.rate::float8, (now_rate.rate - before_rate.rate)::float8,
    counted.clients
  FROM counted
  LEFT JOIN person AS who ON who.person_id = counted.person_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN counted.opening > 0 THEN (counted.closing - counted.opening) / counted.opening END
  ) AS now_rate (rate)
  CROSS JOIN LATERAL (
    SELECT CASE WHEN counted.first > 0 THEN (counted.opening - counted.first) / counted.first END
  ) AS before_rate (rate)
  ORDER BY who.code, counted.scope, counted.family;
END;
COMMENT ON FUNCTION balance_growth(timestamptz, text, daterange, jsonb) IS
'How what clients hold grew in a span and in as many days before, by their last owner in it, by team and by product family; during: half-open days, by default the year that ends with as_of';

CREATE VIEW balance_growth WITH (security_invoker) AS
SELECT person, person_name, scope, family, period_from, period_until, previous_from,
  opening_balance::numeric(20,4), closing_balance::numeric(20,4), growth::numeric(20,4), growth_rate,
  previous_opening_balance::numeric(20,4), previous_growth::numeric(20,4), previous_growth_rate, faster_rate, closing_clients
FROM balance_growth();
COMMENT ON VIEW balance_growth IS 'Whose clients hold more than before, of what, and does it grow faster than in the span before?';
COMMENT ON COLUMN balance_growth.person IS 'Code of the person; empty for balances of clients whom nobody owns';
COMMENT ON COLUMN balance_growth.person_name IS 'Name of the person';
COMMENT ON COLUMN balance_growth.scope IS 'own: clients the person owned last in the span; team: the person''s and those of everybody below on its last day';
COMMENT ON COLUMN balance_growth.family IS 'Family of products; empty for balances without one';
COMMENT ON COLUMN balance_growth.period_from IS 'First day of the span';
COMMENT ON COLUMN balance_growth.period_until IS 'Day after the last of the span, or after that of as_of if it comes first';
COMMENT ON COLUMN balance_growth.previous_from IS 'First day of the span before, which has as many days and ends where this one begins';
COMMENT ON COLUMN balance_growth.opening_balance IS 'Balances when the first day began';
COMMENT ON COLUMN balance_growth.closing_balance IS 'Balances at the end';
COMMENT ON COLUMN balance_growth.growth IS 'closing_balance - opening_balance';
COMMENT ON COLUMN balance_growth.growth_rate IS 'growth / opening_balance; empty unless that is above 0';
COMMENT ON COLUMN balance_growth.previous_opening_balance IS 'Balances of the same clients when the span before began';
COMMENT ON COLUMN balance_growth.previous_growth IS 'opening_balance - previous_opening_balance';
COMMENT ON COLUMN balance_growth.previous_growth_rate IS 'previous_growth / previous_opening_balance; empty unless that is above 0';
COMMENT ON COLUMN balance_growth.faster_rate IS 'growth_rate - previous_growth_rate: below 0 the growth slows down';
COMMENT ON COLUMN balance_growth.closing_clients IS 'Clients with a balance of the family at the end';

CREATE FUNCTION balance_growth_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, scope text, family text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT who.code, h.scope, h.family, counted.figure, 'balance', coalesce(b.code, b.balance_id::text),
    book_midnight(h.day, given.options), counted.value
  FROM settings(balance_growth_evidence.options, balance_growth_evidence.as_of) AS given (options)
  CROSS JOIN LATERAL balance_held(
    balance_growth_evidence.as_of, given.options, balance_growth_evidence.person, balance_growth_evidence.during) AS h
  JOIN balance AS b ON b.balance_id = h.balance_id
  LEFT JOIN person AS who ON who.person_id = h.person_id
  CROSS JOIN LATERAL (
    VALUES ((ARRAY['previous_opening_balance', 'opening_balance', 'closing_balance'])[h.moment], h.balance),
      ((ARRAY['previous_growth', 'growth', 'growth'])[h.moment], CASE h.moment WHEN 3 THEN h.balance ELSE -h.balance END),
      (CASE h.moment WHEN 2 THEN 'previous_growth' END, h.balance)
  ) AS counted (figure, value)
  WHERE counted.figure IS NOT NULL;
END;
COMMENT ON FUNCTION balance_growth_evidence(timestamptz, text, daterange, jsonb) IS 'The balances that balance_growth counts; at: the day on which they stood';
