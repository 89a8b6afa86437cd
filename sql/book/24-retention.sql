-- Do the clients stay, and does what they hold with us grow?

CREATE FUNCTION report_span(as_of timestamptz, during daterange, options jsonb)
RETURNS TABLE (today date, since date, until date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT given.today, nullif(lower(asked.span), '-infinity'), least(upper(asked.span), given.today + 1)
  FROM (SELECT book_date(as_of, options)) AS given (today)
  CROSS JOIN LATERAL (
    SELECT coalesce(report_span.during,
      daterange((given.today - interval '1 year')::date + 1, given.today + 1))
  ) AS asked (span)
  WHERE NOT isempty(asked.span)
    AND (lower(asked.span) <= given.today OR lower_inf(asked.span));
END;
COMMENT ON FUNCTION report_span(timestamptz, daterange, jsonb) IS
'The days a report on a span is about, those after as_of left out: by default the year that ends with as_of; options as settings() gives them';

CREATE FUNCTION opening_client(since date, until date) RETURNS TABLE (
  account_id bigint, owner_id bigint, high_value boolean, lost boolean, opening numeric, closing numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH client AS (
    SELECT a.account_id, coalesce(a.client_until < opening_client.until, false) AS lost
    FROM account AS a
    WHERE a.client_since < since
      AND (a.client_until IS NULL OR a.client_until >= since)
  ),
  owner AS (
    SELECT DISTINCT ON (o.account_id) o.account_id, o.person_id
    FROM account_owner AS o
    WHERE o.during && daterange(since - 1, since, '[]')
    ORDER BY o.account_id, lower(o.during) DESC NULLS LAST
  ),
  standing AS (
    SELECT DISTINCT ON (s.account_id) s.account_id, s.high_value
    FROM account_standing AS s
    WHERE s.during && daterange(since - 1, since, '[]')
    ORDER BY s.account_id, lower(s.during) DESC NULLS LAST
  ),
  held AS (
    SELECT both_ends.account_id, sum(both_ends.opening) AS opening, sum(both_ends.closing) AS closing
    FROM (
      SELECT b.account_id, b.balance AS opening, 0::numeric AS closing
      FROM balance_at(since - 1) AS b
      UNION ALL
      SELECT b.account_id, 0, b.balance
      FROM balance_at(until - 1) AS b
    ) AS both_ends
    GROUP BY both_ends.account_id
  )
  SELECT client.account_id, owner.person_id, coalesce(standing.high_value, false), client.lost,
    coalesce(held.opening, 0), coalesce(held.closing, 0)
  FROM client
  LEFT JOIN owner ON owner.account_id = client.account_id
  LEFT JOIN standing ON standing.account_id = client.account_id
  LEFT JOIN held ON held.account_id = client.account_id;
END;
COMMENT ON FUNCTION opening_client(date, date) IS
'Those who were clients when the first of the days began: owner and tier on that day (or the eve, if it has none), whether they left before until, and what they held at both ends';

CREATE FUNCTION retained_client(as_of timestamptz, person text, during daterange, options jsonb) RETURNS TABLE (
  since date, until date, person_id bigint, scope text, account_id bigint,
  high_value boolean, lost boolean, opening numeric, closing numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT span.today, span.since, span.until
    FROM report_span(retained_client.as_of, retained_client.during, retained_client.options) AS span
  ),
  client AS MATERIALIZED (
    SELECT opening.account_id, opening.owner_id, opening.high_value, opening.lost, opening.opening, opening.closing
    FROM chosen
    CROSS JOIN LATERAL opening_client(chosen.since, chosen.until) AS opening
  ),
  -- Teams as they were on the first day: who has joined since lost nobody then.
  below AS MATERIALIZED (
    SELECT t.leader_id, t.person_id, max(t.level) OVER (PARTITION BY t.leader_id) > 0 AS leads
    FROM chosen
    CROSS JOIN LATERAL team(chosen.since) AS t
  )
  SELECT chosen.since, chosen.until, asked.person_id, asked.scope, asked.account_id,
    asked.high_value, asked.lost, asked.opening, asked.closing
  FROM chosen
  CROSS JOIN (
    SELECT client.owner_id AS person_id, 'own' AS scope, client.account_id,
      client.high_value, client.lost, client.opening, client.closing
    FROM client
    UNION ALL
    SELECT below.leader_id, 'team', client.account_id, client.high_value, client.lost, client.opening, client.closing
    FROM below
    JOIN client ON client.owner_id = below.person_id
    WHERE below.leads
  ) AS asked
  WHERE retained_client.person IS NULL
    OR asked.person_id IN (
      SELECT r.person_id
      FROM chosen AS today
      CROSS JOIN LATERAL report_on(retained_client.person, today.today) AS r);
END;
COMMENT ON FUNCTION retained_client(timestamptz, text, daterange, jsonb) IS
'The clients of opening_client for each owner and for each leader of a team; options as settings() gives them';

CREATE FUNCTION retention(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, scope text, period_from date, period_until date,
  opening_clients int8, lost_clients int8, attrition_rate float8, attrition_lower float8, attrition_upper float8,
  high_value_clients int8, high_value_lost int8, high_value_retention_rate float8,
  high_value_lower float8, high_value_upper float8,
  opening_balance numeric, kept_balance numeric, closing_balance numeric,
  gross_retention_rate float8, net_retention_rate float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, (given.options ->> 'confidence')::float8 AS confidence
    FROM settings(retention.options, retention.as_of) AS given (options)
  ),
  counted AS (
    SELECT asked.person_id, asked.scope, asked.since, asked.until,
      count(*) AS clients, count(*) FILTER (WHERE asked.lost) AS lost,
      count(*) FILTER (WHERE asked.high_value) AS high_value,
      count(*) FILTER (WHERE asked.high_value AND asked.lost) AS high_value_lost,
      sum(asked.opening) AS opening, sum(asked.closing) AS closing,
      sum(least(asked.opening, asked.closing)) AS kept
    FROM chosen
    CROSS JOIN LATERAL retained_client(retention.as_of, retention.person, retention.during, chosen.options) AS asked
    GROUP BY asked.person_id, asked.scope, asked.since, asked.until
  )
  SELECT who.code, who.name, counted.scope, counted.since, counted.until,
    counted.clients, counted.lost, counted.lost::float8 / counted.clients,
    wilson_lower(counted.lost, counted.clients, chosen.confidence),
    wilson_upper(counted.lost, counted.clients, chosen.confidence),
    counted.high_value, counted.high_value_lost,
    1 - counted.high_value_lost::float8 / nullif(counted.high_value, 0),
    wilson_lower(counted.high_value - counted.high_value_lost, counted.high_value, chosen.confidence),
    wilson_upper(counted.high_value - counted.high_value_lost, counted.high_value, chosen.confidence),
    counted.opening, counted.kept, counted.closing,
    CASE WHEN counted.opening > 0 THEN (counted.kept / counted.opening)::float8 END,
    CASE WHEN counted.opening > 0 THEN (counted.closing / counted.opening)::float8 END
  FROM chosen
  CROSS JOIN counted
  LEFT JOIN person AS who ON who.person_id = counted.person_id
  ORDER BY who.code, counted.scope;
END;
COMMENT ON FUNCTION retention(timestamptz, text, daterange, jsonb) IS
'How many of the clients and of the balances at the opening of a span were kept to its end, by owner and by team; during: half-open days, by default the year that ends with as_of';

CREATE VIEW retention WITH (security_invoker) AS
SELECT person, person_name, scope, period_from, period_until,
  opening_clients, lost_clients, attrition_rate, attrition_lower, attrition_upper,
  high_value_clients, high_value_lost, high_value_retention_rate, high_value_lower, high_value_upper,
  opening_balance::numeric(20,4), kept_balance::numeric(20,4), closing_balance::numeric(20,4),
  gross_retention_rate, net_retention_rate
FROM retention();
COMMENT ON VIEW retention IS 'Who keeps the clients, the important ones before all, and what they hold with us?';
COMMENT ON COLUMN retention.person IS 'Code of the person; empty for clients whom nobody owned at the opening';
COMMENT ON COLUMN retention.person_name IS 'Name of the person';
COMMENT ON COLUMN retention.scope IS 'own: clients the person owned at the opening; team: the person''s and those of everybody below on the first day';
COMMENT ON COLUMN retention.period_from IS 'First day of the span';
COMMENT ON COLUMN retention.period_until IS 'Day after the last of the span, or after that of as_of if it comes first';
COMMENT ON COLUMN retention.opening_clients IS 'Clients when the first day began';
COMMENT ON COLUMN retention.lost_clients IS 'Of these, clients who left in the span';
COMMENT ON COLUMN retention.attrition_rate IS 'lost_clients / opening_clients, 0..1';
COMMENT ON COLUMN retention.attrition_lower IS 'Wilson''s lower bound of attrition_rate';
COMMENT ON COLUMN retention.attrition_upper IS 'Wilson''s upper bound of attrition_rate';
COMMENT ON COLUMN retention.high_value_clients IS 'Opening clients who were of high value then, whatever they became';
COMMENT ON COLUMN retention.high_value_lost IS 'Of these, clients who left in the span';
COMMENT ON COLUMN retention.high_value_retention_rate IS '1 - high_value_lost / high_value_clients, 0..1; empty without such clients';
COMMENT ON COLUMN retention.high_value_lower IS 'Wilson''s lower bound of high_value_retention_rate';
COMMENT ON COLUMN retention.high_value_upper IS 'Wilson''s upper bound of high_value_retention_rate';
COMMENT ON COLUMN retention.opening_balance IS 'What the opening clients held when the first day began';
COMMENT ON COLUMN retention.kept_balance IS 'The smaller of opening and closing balance, summed over the opening clients';
COMMENT ON COLUMN retention.closing_balance IS 'What the opening clients held at the end; clients won in the span are not in it';
COMMENT ON COLUMN retention.gross_retention_rate IS 'kept_balance / opening_balance: growth of one client does not hide the loss of another; empty unless opening_balance is above 0';
COMMENT ON COLUMN retention.net_retention_rate IS 'closing_balance / opening_balance; empty unless opening_balance is above 0';
