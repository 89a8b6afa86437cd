-- Where did the balances go: from the opening to the end, family by family.

CREATE FUNCTION moved_balance(as_of timestamptz, person text, during daterange, options jsonb) RETURNS TABLE (
  since date, until date, account_id bigint, family text, opening numeric, closing numeric,
  at_start boolean, at_end boolean, client_at_start boolean, client_at_end boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT span.today, span.since, span.until
    FROM report_span(moved_balance.as_of, moved_balance.during, moved_balance.options) AS span
  ),
  owner AS (
    SELECT DISTINCT ON (o.account_id) o.account_id, o.person_id
    FROM chosen
    JOIN account_owner AS o ON o.during && daterange(chosen.since - 1, chosen.until)
    ORDER BY o.account_id, lower(o.during) DESC NULLS LAST
  ),
  held AS (
    SELECT both_ends.account_id, item.family, sum(both_ends.opening) AS opening, sum(both_ends.closing) AS closing,
      bool_or(both_ends.opening <> 0) AS at_start, bool_or(both_ends.closing <> 0) AS at_end
    FROM (
      SELECT b.account_id, b.product_id, b.balance AS opening, 0::numeric AS closing
      FROM chosen
      CROSS JOIN LATERAL balance_at(chosen.since - 1) AS b
      UNION ALL
      SELECT b.account_id, b.product_id, 0, b.balance
      FROM chosen
      CROSS JOIN LATERAL balance_at(chosen.until - 1) AS b
    ) AS both_ends
    LEFT JOIN product AS item ON item.product_id = both_ends.product_id
    GROUP BY both_ends.account_id, item.family
  ),
  -- New and lost are whole clients: another product of one who holds something is expansion.
  moved AS (
    SELECT held.account_id, held.family, held.opening, held.closing, held.at_start, held.at_end,
      bool_or(held.at_start) OVER client AS client_at_start, bool_or(held.at_end) OVER client AS client_at_end
    FROM held
    WINDOW client AS (PARTITION BY held.account_id)
  )
  SELECT chosen.since, chosen.until, moved.account_id, moved.family, moved.opening, moved.closing,
    moved.at_start, moved.at_end, moved.client_at_start, moved.client_at_end
  FROM chosen
  CROSS JOIN moved
  LEFT JOIN owner ON owner.account_id = moved.account_id
  WHERE (moved.at_start OR moved.at_end)
    AND (moved_balance.person IS NULL
      OR owner.person_id IN (
        SELECT r.person_id
        FROM chosen AS today
        CROSS JOIN LATERAL report_on(moved_balance.person, today.today) AS r));
END;
COMMENT ON FUNCTION moved_balance(timestamptz, text, daterange, jsonb) IS
'What each client held of each family at the two ends of a span, and whether it held anything of any; options as settings() gives them';

CREATE FUNCTION balance_bridge(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  family text, period_from date, period_until date,
  opening_balance numeric, new_balance numeric, expansion numeric, contraction numeric, lost_balance numeric,
  closing_balance numeric, growth_rate float8,
  opening_clients int8, new_clients int8, lost_clients int8, closing_clients int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT moved.family, moved.since, moved.until,
    sum(moved.opening),
    coalesce(sum(moved.closing) FILTER (WHERE NOT moved.client_at_start), 0),
    coalesce(sum(moved.closing - moved.opening) FILTER (
      WHERE moved.client_at_start AND moved.client_at_end AND moved.closing > moved.opening), 0),
    coalesce(sum(moved.opening - moved.closing) FILTER (
      WHERE moved.client_at_start AND moved.client_at_end AND moved.closing < moved.opening), 0),
    coalesce(sum(moved.opening) FILTER (WHERE NOT moved.client_at_end), 0),
    sum(moved.closing),
    CASE WHEN sum(moved.opening) > 0 THEN (sum(moved.closing - moved.opening) / sum(moved.opening))::float8 END,
    count(*) FILTER (WHERE moved.at_start),
    count(*) FILTER (WHERE moved.at_end AND NOT moved.client_at_start),
    count(*) FILTER (WHERE moved.at_start AND NOT moved.client_at_end),
    count(*) FILTER (WHERE moved.at_end)
  FROM settings(balance_bridge.options, balance_bridge.as_of) AS given (options)
  CROSS JOIN LATERAL moved_balance(balance_bridge.as_of, balance_bridge.person, balance_bridge.during, given.options) AS moved
  GROUP BY moved.family, moved.since, moved.until
  ORDER BY moved.family;
END;
COMMENT ON FUNCTION balance_bridge(timestamptz, text, daterange, jsonb) IS
'How the balances of each product family came from the opening of a span to its end; person: accounts that the person or somebody below owned last in it; during: half-open days, by default the year that ends with as_of';

CREATE VIEW balance_bridge WITH (security_invoker) AS
SELECT family, period_from, period_until,
  opening_balance::numeric(20,4), new_balance::numeric(20,4), expansion::numeric(20,4), contraction::numeric(20,4),
  lost_balance::numeric(20,4), closing_balance::numeric(20,4), growth_rate,
  opening_clients, new_clients, lost_clients, closing_clients
FROM balance_bridge();
COMMENT ON VIEW balance_bridge IS 'Did the balances grow, and is it new clients, old ones, or both?';
COMMENT ON COLUMN balance_bridge.family IS 'Family of products; empty for balances without one';
COMMENT ON COLUMN balance_bridge.period_from IS 'First day of the span; empty for all time';
COMMENT ON COLUMN balance_bridge.period_until IS 'Day after the last of the span, or after that of as_of if it comes first';
COMMENT ON COLUMN balance_bridge.opening_balance IS 'Balances when the first day began';
COMMENT ON COLUMN balance_bridge.new_balance IS 'End balances of clients who held nothing of any family at the start';
COMMENT ON COLUMN balance_bridge.expansion IS 'By how much the balances of clients at both ends grew, clients whose balance grew';
COMMENT ON COLUMN balance_bridge.contraction IS 'By how much the balances of clients at both ends shrank, clients whose balance shrank';
COMMENT ON COLUMN balance_bridge.lost_balance IS 'Start balances of clients who hold nothing of any family at the end';
COMMENT ON COLUMN balance_bridge.closing_balance IS 'Balances at the end: opening_balance + new_balance + expansion - contraction - lost_balance';
COMMENT ON COLUMN balance_bridge.growth_rate IS '(closing_balance - opening_balance) / opening_balance; empty unless opening_balance is above 0';
COMMENT ON COLUMN balance_bridge.opening_clients IS 'Clients who held something of the family at the start';
COMMENT ON COLUMN balance_bridge.new_clients IS 'Clients behind new_balance';
COMMENT ON COLUMN balance_bridge.lost_clients IS 'Clients behind lost_balance';
COMMENT ON COLUMN balance_bridge.closing_clients IS 'Clients who hold something of the family at the end';
