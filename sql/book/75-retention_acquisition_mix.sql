-- The two sides of growth: clients kept and clients won, each against its target.

INSERT INTO metric (code, name, unit, higher_is_better) VALUES
  ('client_retention', 'Share of the opening clients kept', 'rate', true),
  ('new_clients', 'Clients won', 'count', true);

CREATE FUNCTION client_side(as_of timestamptz, options jsonb, person text, during daterange) RETURNS TABLE (
  since date, until date, person_id bigint, scope text, side text, account_id bigint, plan_id bigint,
  kept boolean, balance numeric, target numeric, weight numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT win.today, win.since, win.until
    FROM growth_window(client_side.as_of, client_side.during, client_side.options) AS win
  ),
  opening AS MATERIALIZED (
    SELECT o.account_id, o.owner_id, o.lost, o.closing
    FROM chosen
    CROSS JOIN LATERAL opening_client(chosen.since, chosen.until) AS o
  ),
  held AS (
    SELECT b.account_id, sum(b.balance) AS balance
    FROM chosen
    CROSS JOIN LATERAL balance_row_at(chosen.until - 1) AS b
    GROUP BY b.account_id
  ),
  owner AS (
    SELECT DISTINCT ON (o.account_id) o.account_id, o.person_id
    FROM chosen
    JOIN account_owner AS o ON o.during && daterange(chosen.since, chosen.until)
    ORDER BY o.account_id, lower(o.during) DESC NULLS LAST
  ),
  goal AS (
    -- a rate is a mean over days and opening clients, a count a sum
    SELECT t.person_id, t.metric, t.plan_id, t.target, t.asked, t.days
    FROM chosen
    CROSS JOIN LATERAL growth_target(client_side.as_of, chosen.today, chosen.since, chosen.until) AS t
    WHERE t.metric IN ('client_retention', 'new_clients')
  ),
  each AS MATERIALIZED (
    SELECT opening.owner_id AS person_id, 'opening' AS side, opening.account_id, NULL::bigint AS plan_id, NOT opening.lost AS kept,
      opening.closing AS balance, NULL::numeric AS target, NULL::numeric AS weight
    FROM opening
    UNION ALL
    SELECT owner.person_id, 'new', a.account_id, NULL, true, coalesce(held.balance, 0), NULL, NULL
    FROM chosen
    JOIN account AS a ON a.client_since >= chosen.since AND a.client_since < chosen.until
    LEFT JOIN owner ON owner.account_id = a.account_id
    LEFT JOIN held ON held.account_id = a.account_id
    UNION ALL
    SELECT goal.person_id, goal.metric, NULL, goal.plan_id, NULL, NULL,
      CASE goal.metric WHEN 'new_clients' THEN goal.target ELSE goal.asked END,
      CASE goal.metric WHEN 'client_retention' THEN goal.days * coalesce(mine.clients, 0) END
    FROM goal
    LEFT JOIN (
      SELECT opening.owner_id, count(*) AS clients
      FROM opening
      GROUP BY opening.owner_id
    ) AS mine ON mine.owner_id = goal.person_id
  ),
  below AS MATERIALIZED (
    SELECT t.leader_id, t.person_id, max(t.level) OVER (PARTITION BY t.leader_id) > 0 AS leads
    FROM chosen
    CROSS JOIN LATERAL team(chosen.since) AS t
  )
  SELECT chosen.since, chosen.until, asked.person_id, asked.scope, asked.side, asked.account_id, asked.plan_id,
    asked.kept, asked.balance, asked.target, asked.weight
  FROM chosen
  CROSS JOIN (
    SELECT 'own' AS scope, each.*
    FROM each
    UNION ALL
    SELECT 'team', below.leader_id, each.side, each.account_id, each.plan_id, each.kept, each.balance, each.target, each.weight
    FROM below
    JOIN each ON each.person_id = below.person_id
    WHERE below.leads
  ) AS asked
  WHERE client_side.person IS NULL
    OR asked.person_id IN (
      SELECT who.person_id
      FROM chosen AS given
      CROSS JOIN LATERAL report_on(client_side.person, given.today) AS who);
END;
COMMENT ON FUNCTION client_side(timestamptz, jsonb, text, daterange) IS
'The clients at the opening of a span, those won in it, and the targets of both, each for its owner and the leaders above on the first day; options as settings() gives them';

CREATE FUNCTION retention_acquisition_mix(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, scope text, period_from date, period_until date,
  opening_clients int8, kept_clients int8, retention_rate float8, retention_target_rate float8, retention_attainment float8,
  new_clients int8, new_clients_target numeric, acquisition_attainment float8,
  acquisition_share float8, target_acquisition_share float8,
  closing_balance numeric, new_balance numeric, new_balance_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH counted AS (
    SELECT c.person_id, c.scope, c.since, c.until,
      count(*) FILTER (WHERE c.side = 'opening') AS opening,
      count(*) FILTER (WHERE c.side = 'opening' AND c.kept) AS kept,
      count(*) FILTER (WHERE c.side = 'new') AS won,
      (sum(c.target * c.weight) FILTER (WHERE c.side = 'client_retention')
        / nullif(sum(c.weight) FILTER (WHERE c.side = 'client_retention'), 0)) AS retention_target,
      sum(c.target) FILTER (WHERE c.side = 'new_clients') AS new_target,
      coalesce(sum(c.balance) FILTER (WHERE c.side = 'opening'), 0) AS closing_balance,
      coalesce(sum(c.balance) FILTER (WHERE c.side = 'new'), 0) AS new_balance
    FROM settings(retention_acquisition_mix.options, retention_acquisition_mix.as_of) AS given (options)
    CROSS JOIN LATERAL client_side(
      retention_acquisition_mix.as_of, given.options, retention_acquisition_mix.person, retention_acquisition_mix.during) AS c
    GROUP BY c.person_id, c.scope, c.since, c.until
  )
  SELECT who.code, who.name, counted.scope, counted.since, counted.until,
    counted.opening, counted.kept, counted.kept::float8 / nullif(counted.opening, 0), counted.retention_target::float8,
    (counted.kept / nullif(counted.opening * counted.retention_target, 0))::float8,
    counted.won, counted.new_target, (1 + (counted.won - counted.new_target) / nullif(abs(counted.new_target), 0))::float8,
    counted.won::float8 / nullif(counted.kept + counted.won, 0),
    (counted.new_target / nullif(counted.opening * counted.retention_target + counted.new_target, 0))::float8,
    counted.closing_balance, counted.new_balance,
    CASE WHEN counted.closing_balance + counted.new_balance > 0
      THEN (counted.new_balance / (counted.closing_balance + counted.new_balance))::float8 END
  FROM counted
  LEFT JOIN person AS who ON who.person_id = counted.person_id
  ORDER BY who.code, counted.scope;
END;
COMMENT ON FUNCTION retention_acquisition_mix(timestamptz, text, daterange, jsonb) IS
'Clients kept and clients won in a span, by owner and by team, each against its target, and the mix of the two; during: half-open days, by default the year that ends with as_of';

CREATE VIEW retention_acquisition_mix WITH (security_invoker) AS
SELECT person, person_name, scope, period_from, period_until,
  opening_clients, kept_clients, retention_rate, retention_target_rate, retention_attainment,
  new_clients, new_clients_target::numeric(20,4), acquisition_attainment, acquisition_share, target_acquisition_share,
  closing_balance::numeric(20,4), new_balance::numeric(20,4), new_balance_share
FROM retention_acquisition_mix();
COMMENT ON VIEW retention_acquisition_mix IS 'Does each person keep clients and win clients as planned, and in the planned proportion?';
COMMENT ON COLUMN retention_acquisition_mix.person IS 'Code of the person; empty for clients whom nobody owned';
COMMENT ON COLUMN retention_acquisition_mix.person_name IS 'Name of the person';
COMMENT ON COLUMN retention_acquisition_mix.scope IS 'own: the person''s clients; team: the person''s and those of everybody below on the first day';
COMMENT ON COLUMN retention_acquisition_mix.period_from IS 'First day of the span';
COMMENT ON COLUMN retention_acquisition_mix.period_until IS 'Day after the last of the span, or after that of as_of if it comes first';
COMMENT ON COLUMN retention_acquisition_mix.opening_clients IS 'Clients when the first day began, of their owner then';
COMMENT ON COLUMN retention_acquisition_mix.kept_clients IS 'Of these, clients who did not leave in the span';
COMMENT ON COLUMN retention_acquisition_mix.retention_rate IS 'kept_clients / opening_clients, 0..1';
COMMENT ON COLUMN retention_acquisition_mix.retention_target_rate IS 'Target of metric client_retention in the quota and territory plans: their mean, weighted by days and opening clients; empty without one';
COMMENT ON COLUMN retention_acquisition_mix.retention_attainment IS 'retention_rate / retention_target_rate';
COMMENT ON COLUMN retention_acquisition_mix.new_clients IS 'Accounts that became clients in the span, of their last owner in it';
COMMENT ON COLUMN retention_acquisition_mix.new_clients_target IS 'Target of metric new_clients, pro rata by days; empty without one';
COMMENT ON COLUMN retention_acquisition_mix.acquisition_attainment IS 'new_clients / new_clients_target; empty for a target of 0';
COMMENT ON COLUMN retention_acquisition_mix.acquisition_share IS 'new_clients / (kept_clients + new_clients): the mix as it is';
COMMENT ON COLUMN retention_acquisition_mix.target_acquisition_share IS 'The mix as planned: new_clients_target / (opening_clients * retention_target_rate + new_clients_target)';
COMMENT ON COLUMN retention_acquisition_mix.closing_balance IS 'What the opening clients hold at the end, as in retention';
COMMENT ON COLUMN retention_acquisition_mix.new_balance IS 'What the new clients hold at the end';
COMMENT ON COLUMN retention_acquisition_mix.new_balance_share IS 'new_balance / (closing_balance + new_balance); empty unless the sum is above 0';

CREATE FUNCTION retention_acquisition_mix_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, scope text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT who.code, c.scope, counted.figure, CASE WHEN c.plan_id IS NULL THEN 'account' ELSE 'plan' END, coalesce(a.code, plan.code),
    book_midnight(coalesce(a.client_since, lower(plan.during)), given.options), counted.value
  FROM settings(retention_acquisition_mix_evidence.options, retention_acquisition_mix_evidence.as_of) AS given (options)
  CROSS JOIN LATERAL client_side(
    retention_acquisition_mix_evidence.as_of, given.options,
    retention_acquisition_mix_evidence.person, retention_acquisition_mix_evidence.during) AS c
  LEFT JOIN account AS a ON a.account_id = c.account_id
  LEFT JOIN plan ON plan.plan_id = c.plan_id
  LEFT JOIN person AS who ON who.person_id = c.person_id
  CROSS JOIN LATERAL (
    VALUES (CASE c.side WHEN 'opening' THEN 'opening_clients' WHEN 'new' THEN 'new_clients' END, 1::numeric),
      (CASE WHEN c.side = 'opening' AND c.kept THEN 'kept_clients' END, 1),
      (CASE c.side WHEN 'opening' THEN 'closing_balance' WHEN 'new' THEN 'new_balance' END, c.balance),
      (CASE c.side WHEN 'new_clients' THEN 'new_clients_target' END, c.target)
  ) AS counted (figure, value)
  WHERE counted.figure IS NOT NULL;
END;
COMMENT ON FUNCTION retention_acquisition_mix_evidence(timestamptz, text, daterange, jsonb) IS
'The clients and plans that retention_acquisition_mix counts; a client''s balance is the sum of what it holds';
