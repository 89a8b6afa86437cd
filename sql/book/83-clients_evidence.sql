-- The rows behind the figures of clients and balances; evidence() calls these by name.

CREATE FUNCTION retention_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, scope text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT who.code, c.scope, counted.figure, 'account', a.code, book_midnight(counted.day, given.options), counted.value
  FROM settings(retention_evidence.options, retention_evidence.as_of) AS given (options)
  CROSS JOIN LATERAL retained_client(
    retention_evidence.as_of, retention_evidence.person, retention_evidence.during, given.options) AS c
  JOIN account AS a ON a.account_id = c.account_id
  LEFT JOIN person AS who ON who.person_id = c.person_id
  CROSS JOIN LATERAL (
    VALUES ('opening_clients', 1::numeric, a.client_since),
      ('lost_clients', CASE WHEN c.lost THEN 1 END, a.client_until),
      ('high_value_clients', CASE WHEN c.high_value THEN 1 END, a.client_since),
      ('high_value_lost', CASE WHEN c.high_value AND c.lost THEN 1 END, a.client_until),
      ('opening_balance', nullif(c.opening, 0), c.since),
      ('kept_balance', nullif(least(c.opening, c.closing), 0), c.until),
      ('closing_balance', nullif(c.closing, 0), c.until)
  ) AS counted (figure, value, day)
  WHERE counted.value IS NOT NULL;
END;
COMMENT ON FUNCTION retention_evidence(timestamptz, text, daterange, jsonb) IS
'The clients that retention counts, with what each holds; at: since when they are clients, when they left, and the ends of the span';

CREATE FUNCTION balance_bridge_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (family text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options
    FROM settings(balance_bridge_evidence.options, balance_bridge_evidence.as_of) AS given (options)
  ),
  moved AS MATERIALIZED (
    SELECT m.*
    FROM chosen
    CROSS JOIN LATERAL moved_balance(
      balance_bridge_evidence.as_of, balance_bridge_evidence.person, balance_bridge_evidence.during, chosen.options) AS m
  )
  -- what is held, by its own rows
  SELECT moved.family, held.figure, 'balance', coalesce(b.code, b.balance_id::text), book_midnight(b.day, chosen.options), held.balance
  FROM chosen
  CROSS JOIN moved
  JOIN (
    SELECT 'opening_balance' AS figure, b.*
    FROM (SELECT DISTINCT m.since FROM moved AS m) AS span
    CROSS JOIN LATERAL balance_row_at(span.since - 1) AS b
    UNION ALL
    SELECT 'closing_balance', b.*
    FROM (SELECT DISTINCT m.until FROM moved AS m) AS span
    CROSS JOIN LATERAL balance_row_at(span.until - 1) AS b
  ) AS held ON held.account_id = moved.account_id AND held.balance <> 0
  JOIN balance AS b ON b.balance_id = held.balance_id
  LEFT JOIN product AS item ON item.product_id = held.product_id
  WHERE item.family IS NOT DISTINCT FROM moved.family
  UNION ALL
  -- what has changed, by client
  SELECT moved.family, counted.figure, 'account', a.code, book_midnight(counted.day, chosen.options), counted.value
  FROM chosen
  CROSS JOIN moved
  JOIN account AS a ON a.account_id = moved.account_id
  CROSS JOIN LATERAL (SELECT moved.closing - moved.opening, moved.client_at_start AND moved.client_at_end) AS change (change, stays)
  CROSS JOIN LATERAL (
    VALUES ('new_balance', CASE WHEN NOT moved.client_at_start THEN nullif(moved.closing, 0) END, moved.until),
      ('expansion', CASE WHEN change.stays AND change.change > 0 THEN change.change END, moved.until),
      ('contraction', CASE WHEN change.stays AND change.change < 0 THEN -change.change END, moved.until),
      ('lost_balance', CASE WHEN NOT moved.client_at_end THEN nullif(moved.opening, 0) END, moved.until),
      ('opening_clients', CASE WHEN moved.at_start THEN 1 END, moved.since),
      ('new_clients', CASE WHEN moved.at_end AND NOT moved.client_at_start THEN 1 END, moved.until),
      ('lost_clients', CASE WHEN moved.at_start AND NOT moved.client_at_end THEN 1 END, moved.until),
      ('closing_clients', CASE WHEN moved.at_end THEN 1 END, moved.until)
  ) AS counted (figure, value, day)
  WHERE counted.value IS NOT NULL;
END;
COMMENT ON FUNCTION balance_bridge_evidence(timestamptz, text, daterange, jsonb) IS
'The balances at both ends that balance_bridge counts, and the clients whose holdings changed; at: the day of a balance, the ends of the span for a client';

CREATE FUNCTION portfolio_size_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, priority text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT who.code, p.priority, counted.figure, 'account', a.code, book_midnight(counted.day, given.options), 1
  FROM settings(portfolio_size_evidence.options, portfolio_size_evidence.as_of) AS given (options)
  CROSS JOIN LATERAL portfolio_account(
    portfolio_size_evidence.as_of, portfolio_size_evidence.person, portfolio_size_evidence.during, given.options) AS p
  JOIN account AS a ON a.account_id = p.account_id
  LEFT JOIN person AS who ON who.person_id = p.owner_id
  CROSS JOIN LATERAL (SELECT least(a.prospect_since, a.client_since)) AS met (day)
  CROSS JOIN LATERAL (
    VALUES ('accounts', true, met.day), ('clients', p.client, a.client_since),
      ('prospects', NOT p.client AND NOT p.former, met.day), ('former_clients', p.former, a.client_until),
      ('must_keep', p.must_keep, met.day), ('must_grow', p.must_grow, met.day), ('high_value', p.high_value, met.day)
  ) AS counted (figure, counts, day)
  WHERE counted.counts;
END;
COMMENT ON FUNCTION portfolio_size_evidence(timestamptz, text, daterange, jsonb) IS
'The accounts that portfolio_size counts; at: since when each is known, a client, or none any more';
