-- Open deals that ask to be looked at: stalled, untouched, past due, large.

-- The reports say whose deals they want with = ANY (ARRAY(...)): as a value known
-- before the deals are read, it reaches the index of opportunity by owner.  So does what
-- comes of the settings, as (SELECT ... FROM chosen): it is asked where the deals are read.
-- Days come of date_part(), a float8 at once: extract() makes a numeric first, which costs more
-- than to find the deal.
CREATE FUNCTION stalled(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  opportunity text, opportunity_name text, account text, account_name text, person text, person_name text,
  pipeline text, stage text, stage_name text, stage_position int, amount numeric, expected_close date,
  entered_at timestamptz, stage_days float8, limit_days float8, is_rule boolean, won_visits int8, over_days float8, age_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(stalled.as_of, given.options) AS today
    FROM settings(stalled.options, stalled.as_of) AS given (options)
  ),
  deal AS MATERIALIZED (
    SELECT state.opportunity_id, state.stage_id, state.changed_at, state.owner_id, state.expected_close, state.amount,
      state.stage_id = ANY (ARRAY(SELECT s.stage_id FROM stage AS s WHERE s.outcome = 'won')) AS is_won,
      state.opportunity_id IN (SELECT corrected.opportunity_id FROM corrected_deal() AS corrected) AS is_corrected
    FROM deal_at(stalled.as_of) AS state
    WHERE state.stage_id = ANY (ARRAY(SELECT s.stage_id FROM stage AS s WHERE s.outcome IN ('open', 'won')))
    -- neighbours in the ledger lie on one page
    ORDER BY state.opportunity_id
  ),
  -- once, whatever is joined to it
  won AS MATERIALIZED (
    SELECT part.part, times.steps
    FROM chosen
    CROSS JOIN LATERAL open_stage_part(stalled.as_of, (chosen.options ->> 'stalled_percentile')::float8) AS part
    CROSS JOIN LATERAL (
      SELECT stage_times(deal.opportunity_id, sorted_position(part.stages, h.stage_id), h.changed_at, part.rules) AS steps
      FROM deal
      CROSS JOIN LATERAL deal_history(deal.opportunity_id, deal.is_corrected, stalled.as_of) AS h
      WHERE deal.is_won
    ) AS times
  ),
  usual AS (
    SELECT open.stage_id, stay.visits, stay.p90_days AS days
    FROM won
    CROSS JOIN LATERAL unnest(won.steps) AS stay
    JOIN open_stage_step() AS open ON open.part = won.part AND open.step = stay.step
  ),
  over AS MATERIALIZED (
    SELECT deal.opportunity_id, deal.stage_id, deal.owner_id, deal.expected_close, deal.amount,
      visit.entered_at, stay.days, allowed.days AS limit_days,
      rule.limit_days IS NOT NULL AS is_rule, coalesce(usual.visits, 0) AS visits
    FROM chosen
    CROSS JOIN deal
    LEFT JOIN usual ON usual.stage_id = deal.stage_id
    LEFT JOIN stage_rule AS rule ON rule.stage_id = deal.stage_id AND rule.during @> chosen.today
    LEFT JOIN LATERAL (
      SELECT h.changed_at AS entered_at
      FROM (
        SELECT h.changed_at, h.place, h.stage_id, lag(h.stage_id) OVER (ORDER BY h.changed_at, h.place) AS stage_before
        FROM deal_history(deal.opportunity_id, deal.is_corrected, stalled.as_of) AS h
      ) AS h
      WHERE h.stage_id IS DISTINCT FROM h.stage_before
      ORDER BY h.changed_at DESC, h.place DESC
      LIMIT 1
    ) AS entry ON true
    CROSS JOIN LATERAL (SELECT coalesce(entry.entered_at, deal.changed_at) AS entered_at) AS visit
    CROSS JOIN LATERAL (SELECT date_part('epoch', stalled.as_of - visit.entered_at) / 86400) AS stay (days)
    CROSS JOIN LATERAL (SELECT coalesce(rule.limit_days, usual.days)) AS allowed (days)
    WHERE NOT deal.is_won
      AND (stalled.during IS NULL OR deal.expected_close <@ stalled.during)
      AND (stalled.person IS NULL
        OR deal.owner_id = ANY (ARRAY(
          SELECT who.person_id
          FROM chosen AS on_day
          CROSS JOIN LATERAL report_on(stalled.person, on_day.today) AS who)))
      AND stay.days > allowed.days
  )
  SELECT o.code, o.name, a.code, a.name, owner.code, owner.name,
    p.code, s.code, s.name, s.position, over.amount, over.expected_close,
    over.entered_at, over.days, over.limit_days, over.is_rule, over.visits, over.days - over.limit_days,
    date_part('epoch', stalled.as_of - o.created_at) / 86400
  FROM over
  -- by the key: where both are taken for few, each would be compared with each
  CROSS JOIN LATERAL (
    SELECT named.code, named.name, named.account_id, named.created_at
    FROM opportunity AS named
    WHERE named.opportunity_id = over.opportunity_id
    OFFSET 0
  ) AS o
  LEFT JOIN stage AS s ON s.stage_id = over.stage_id
  LEFT JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  LEFT JOIN account AS a ON a.account_id = o.account_id
  LEFT JOIN person AS owner ON owner.person_id = over.owner_id
  ORDER BY over.days - over.limit_days DESC, o.code;
END;
COMMENT ON FUNCTION stalled(timestamptz, text, daterange, jsonb) IS
'The open deals that have been in their stage for longer than its limit: that of stage_rule in force, or else what nine of ten visits of won deals took; during: the day the deal is expected to close, any by default; person: the owner';

CREATE VIEW stalled WITH (security_invoker) AS
SELECT opportunity, opportunity_name, account, account_name, person, person_name, pipeline, stage, stage_name, stage_position,
  amount::numeric(20,4), expected_close, entered_at, stage_days, limit_days, is_rule, won_visits, over_days, age_days
FROM stalled();
COMMENT ON VIEW stalled IS 'Which open deals have stalled, and by how many days?';
COMMENT ON COLUMN stalled.opportunity IS 'Code of the deal';
COMMENT ON COLUMN stalled.opportunity_name IS 'What it is about';
COMMENT ON COLUMN stalled.account IS 'Code of the account it is with';
COMMENT ON COLUMN stalled.account_name IS 'Name of the account';
COMMENT ON COLUMN stalled.person IS 'Code of the owner; empty where nobody owns the deal';
COMMENT ON COLUMN stalled.person_name IS 'Name of the owner';
COMMENT ON COLUMN stalled.pipeline IS 'Code of the pipeline';
COMMENT ON COLUMN stalled.stage IS 'Code of the stage the deal is in';
COMMENT ON COLUMN stalled.stage_name IS 'Name of the stage';
COMMENT ON COLUMN stalled.stage_position IS 'Order of the stage within the pipeline';
COMMENT ON COLUMN stalled.amount IS 'Value of the deal';
COMMENT ON COLUMN stalled.expected_close IS 'Day it is expected to close';
COMMENT ON COLUMN stalled.entered_at IS 'When the deal entered the stage';
COMMENT ON COLUMN stalled.stage_days IS 'Days in the stage so far';
COMMENT ON COLUMN stalled.limit_days IS 'Days allowed: the limit of stage_rule in force, or else the 90th percentile (setting stalled_percentile) of the visits of won deals to the stage';
COMMENT ON COLUMN stalled.is_rule IS 'Whether the limit is from stage_rule';
COMMENT ON COLUMN stalled.won_visits IS 'Visits of won deals to the stage that the percentile is taken of';
COMMENT ON COLUMN stalled.over_days IS 'stage_days - limit_days';
COMMENT ON COLUMN stalled.age_days IS 'Days since the deal was created';

CREATE FUNCTION untouched(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  opportunity text, opportunity_name text, account text, account_name text, person text, person_name text,
  pipeline text, stage text, stage_name text, stage_position int, amount numeric, expected_close date,
  last_held_at timestamptz, untouched_days float8, age_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT book_date(untouched.as_of, given.options) AS today, (given.options ->> 'untouched_after_days')::float8 AS days
    FROM settings(untouched.options, untouched.as_of) AS given (options)
  )
  SELECT deal.code, deal.name, a.code, a.name, owner.code, owner.name,
    p.code, s.code, s.name, s.position, deal.amount, deal.expected_close,
    deal.last_held_at, deal.idle_days, date_part('epoch', untouched.as_of - deal.created_at) / 86400
  FROM (
    SELECT open.*, touch.last_held_at, idle.days AS idle_days
    FROM (
      SELECT *
      FROM open_deal(untouched.as_of) AS open
      WHERE NOT EXISTS (
          SELECT
          FROM activity AS ahead
          WHERE ahead.opportunity_id = open.opportunity_id
            AND (ahead.outcome <> 'not_held' OR ahead.called_off_at > untouched.as_of)
            AND ahead.planned_for > untouched.as_of
            AND coalesce(ahead.held_at > untouched.as_of, true))
        -- said so that a plan for arguments it does not know takes the deals for many, not for few
        AND coalesce(open.expected_close <@ untouched.during, untouched.during IS NULL)
        AND CASE
          WHEN untouched.person IS NULL THEN true
          ELSE open.owner_id = ANY (ARRAY(
            SELECT who.person_id
            FROM chosen AS on_day
            CROSS JOIN LATERAL report_on(untouched.person, on_day.today) AS who))
        END
      -- + 0: sorted, in the order of the activities' index; that of the open deals has the stage first
      ORDER BY open.opportunity_id + 0
    ) AS open
    LEFT JOIN LATERAL (
      SELECT a.held_at AS last_held_at
      FROM activity AS a
      WHERE a.opportunity_id = open.opportunity_id AND a.held_at <= untouched.as_of
      ORDER BY a.held_at DESC
      LIMIT 1
    ) AS touch ON true
    CROSS JOIN LATERAL (
      SELECT date_part('epoch', untouched.as_of - coalesce(touch.last_held_at, open.created_at)) / 86400
    ) AS idle (days)
    -- the settings first: they refuse an as_of from which no days can be counted
    WHERE (SELECT chosen.days FROM chosen) IS NOT NULL AND (SELECT chosen.days FROM chosen) <= idle.days
    -- OFFSET 0: named when it is known which; of one rep, a few
    OFFSET 0
  ) AS deal
  LEFT JOIN stage AS s ON s.stage_id = deal.stage_id
  LEFT JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  LEFT JOIN account AS a ON a.account_id = deal.account_id
  LEFT JOIN person AS owner ON owner.person_id = deal.owner_id
  ORDER BY deal.idle_days DESC, deal.code;
END;
COMMENT ON FUNCTION untouched(timestamptz, text, daterange, jsonb) IS
'The open deals about which nobody has done anything for untouched_after_days, and nothing is planned; during: the day the deal is expected to close, any by default; person: the owner';

CREATE VIEW untouched WITH (security_invoker) AS
SELECT opportunity, opportunity_name, account, account_name, person, person_name, pipeline, stage, stage_name, stage_position,
  amount::numeric(20,4), expected_close, last_held_at, untouched_days, age_days
FROM untouched();
COMMENT ON VIEW untouched IS 'Which open deals has nobody worked on lately, and nothing is planned?';
COMMENT ON COLUMN untouched.opportunity IS 'Code of the deal';
COMMENT ON COLUMN untouched.opportunity_name IS 'What it is about';
COMMENT ON COLUMN untouched.account IS 'Code of the account it is with';
COMMENT ON COLUMN untouched.account_name IS 'Name of the account';
COMMENT ON COLUMN untouched.person IS 'Code of the owner; empty where nobody owns the deal';
COMMENT ON COLUMN untouched.person_name IS 'Name of the owner';
COMMENT ON COLUMN untouched.pipeline IS 'Code of the pipeline';
COMMENT ON COLUMN untouched.stage IS 'Code of the stage the deal is in';
COMMENT ON COLUMN untouched.stage_name IS 'Name of the stage';
COMMENT ON COLUMN untouched.stage_position IS 'Order of the stage within the pipeline';
COMMENT ON COLUMN untouched.amount IS 'Value of the deal';
COMMENT ON COLUMN untouched.expected_close IS 'Day it is expected to close';
COMMENT ON COLUMN untouched.last_held_at IS 'When an activity about the deal was held last; empty if none ever was';
COMMENT ON COLUMN untouched.untouched_days IS 'Days since then, or since the deal was created';
COMMENT ON COLUMN untouched.age_days IS 'Days since the deal was created';

CREATE FUNCTION past_due(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  opportunity text, opportunity_name text, account text, account_name text, person text, person_name text,
  pipeline text, stage text, stage_name text, stage_position int, amount numeric, expected_close date,
  overdue_days float8, age_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(past_due.as_of, given.options) AS today
    FROM settings(past_due.options, past_due.as_of) AS given (options)
  )
  SELECT deal.code, deal.name, a.code, a.name, owner.code, owner.name,
    p.code, s.code, s.name, s.position, deal.amount, deal.expected_close,
    ((SELECT chosen.today FROM chosen) - deal.expected_close)::float8, date_part('epoch', past_due.as_of - deal.created_at) / 86400
  FROM open_deal(past_due.as_of) AS deal
  -- every deal has a stage; LEFT keeps the planner from taking them for few
  LEFT JOIN stage AS s ON s.stage_id = deal.stage_id
  LEFT JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  -- OFFSET 0: of one rep few are listed, a look-up each beats a hash of all accounts
  LEFT JOIN LATERAL (
    SELECT client.code, client.name
    FROM account AS client
    WHERE client.account_id = deal.account_id
    OFFSET 0
  ) AS a ON true
  LEFT JOIN person AS owner ON owner.person_id = deal.owner_id
  -- the settings first: they refuse an as_of that is NULL
  WHERE (SELECT chosen.today FROM chosen) IS NOT NULL
    AND deal.expected_close < (SELECT chosen.today FROM chosen)
    AND (past_due.during IS NULL OR deal.expected_close <@ past_due.during)
    AND (past_due.person IS NULL
      OR deal.owner_id = ANY (ARRAY(
        SELECT who.person_id
        FROM chosen AS on_day
        CROSS JOIN LATERAL report_on(past_due.person, on_day.today) AS who)))
  ORDER BY deal.expected_close, deal.code;
END;
COMMENT ON FUNCTION past_due(timestamptz, text, daterange, jsonb) IS
'The open deals whose expected close has passed; during: the day the deal is expected to close, any by default; person: the owner';

CREATE VIEW past_due WITH (security_invoker) AS
SELECT opportunity, opportunity_name, account, account_name, person, person_name, pipeline, stage, stage_name, stage_position,
  amount::numeric(20,4), expected_close, overdue_days, age_days
FROM past_due();
COMMENT ON VIEW past_due IS 'Which open deals should have closed by now?';
COMMENT ON COLUMN past_due.opportunity IS 'Code of the deal';
COMMENT ON COLUMN past_due.opportunity_name IS 'What it is about';
COMMENT ON COLUMN past_due.account IS 'Code of the account it is with';
COMMENT ON COLUMN past_due.account_name IS 'Name of the account';
COMMENT ON COLUMN past_due.person IS 'Code of the owner; empty where nobody owns the deal';
COMMENT ON COLUMN past_due.person_name IS 'Name of the owner';
COMMENT ON COLUMN past_due.pipeline IS 'Code of the pipeline';
COMMENT ON COLUMN past_due.stage IS 'Code of the stage the deal is in';
COMMENT ON COLUMN past_due.stage_name IS 'Name of the stage';
COMMENT ON COLUMN past_due.stage_position IS 'Order of the stage within the pipeline';
COMMENT ON COLUMN past_due.amount IS 'Value of the deal';
COMMENT ON COLUMN past_due.expected_close IS 'Day it is expected to close';
COMMENT ON COLUMN past_due.overdue_days IS 'Days since the expected close';
COMMENT ON COLUMN past_due.age_days IS 'Days since the deal was created';

CREATE FUNCTION large_opportunity(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  opportunity text, opportunity_name text, account text, account_name text, person text, person_name text,
  pipeline text, stage text, stage_name text, stage_position int, amount numeric, expected_close date,
  limit_amount numeric, median_amount numeric, median_multiple float8, owner_amount numeric, owner_share float8, age_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(large_opportunity.as_of, given.options) AS today
    FROM settings(large_opportunity.options, large_opportunity.as_of) AS given (options)
  ),
  -- of what all are read for, the median needs the amounts only; those asked for are few, as a rule
  -- Exact, as money is: percentile_cont() would go by float8.  The second of an even number is the next one.
  middle AS (
    SELECT 0.5 * (two.two[1] + two.two[2]) AS median
    FROM (
      SELECT percentile_disc(ARRAY[0.5, 0.5000000001]) WITHIN GROUP (ORDER BY every.amount) AS two
      FROM open_deal(large_opportunity.as_of) AS every
    ) AS two
  ),
  allowed AS (
    SELECT middle.median,
      CASE
        WHEN (chosen.options ->> 'large_amount')::numeric > 0 THEN (chosen.options ->> 'large_amount')::numeric
        ELSE middle.median * (chosen.options ->> 'large_multiple')::numeric
      END AS amount
    FROM chosen
    CROSS JOIN middle
  ),
  asked AS MATERIALIZED (
    SELECT deal.*
    FROM open_deal(large_opportunity.as_of) AS deal
    WHERE deal.amount IS NOT NULL
      AND (large_opportunity.person IS NULL
        OR deal.owner_id = ANY (ARRAY(
          SELECT who.person_id
          FROM chosen AS on_day
          CROSS JOIN LATERAL report_on(large_opportunity.person, on_day.today) AS who)))
  ),
  large AS (
    SELECT asked.*
    FROM asked
    WHERE asked.amount >= (SELECT allowed.amount FROM allowed WHERE allowed.amount > 0)
      AND (large_opportunity.during IS NULL OR asked.expected_close <@ large_opportunity.during)
  ),
  owned AS (
    SELECT asked.owner_id, sum(asked.amount) AS amount
    FROM asked
    GROUP BY asked.owner_id
  )
  SELECT large.code, large.name, a.code, a.name, rep.code, rep.name,
    p.code, s.code, s.name, s.position, large.amount, large.expected_close,
    allowed.amount, allowed.median, (large.amount / nullif(allowed.median, 0))::float8,
    whole.amount, (large.amount / nullif(whole.amount, 0))::float8,
    date_part('epoch', large_opportunity.as_of - large.created_at) / 86400
  FROM allowed
  CROSS JOIN large
  LEFT JOIN owned ON owned.owner_id = large.owner_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN large.owner_id IS NULL THEN (SELECT o.amount FROM owned AS o WHERE o.owner_id IS NULL) ELSE owned.amount END
  ) AS whole (amount)
  LEFT JOIN stage AS s ON s.stage_id = large.stage_id
  LEFT JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  LEFT JOIN account AS a ON a.account_id = large.account_id
  LEFT JOIN person AS rep ON rep.person_id = large.owner_id
  ORDER BY large.amount DESC, large.code;
END;
COMMENT ON FUNCTION large_opportunity(timestamptz, text, daterange, jsonb) IS
'The open deals of large_amount or more, or, where that is 0, of large_multiple times the median of all open deals; during: the day the deal is expected to close, any by default; person: the owner';

CREATE VIEW large_opportunity WITH (security_invoker) AS
SELECT opportunity, opportunity_name, account, account_name, person, person_name, pipeline, stage, stage_name, stage_position,
  amount::numeric(20,4), expected_close,
  limit_amount::numeric(20,4), median_amount::numeric(20,4), median_multiple, owner_amount::numeric(20,4), owner_share, age_days
FROM large_opportunity();
COMMENT ON VIEW large_opportunity IS 'Which open deals are so large that a manager should know them?';
COMMENT ON COLUMN large_opportunity.opportunity IS 'Code of the deal';
COMMENT ON COLUMN large_opportunity.opportunity_name IS 'What it is about';
COMMENT ON COLUMN large_opportunity.account IS 'Code of the account it is with';
COMMENT ON COLUMN large_opportunity.account_name IS 'Name of the account';
COMMENT ON COLUMN large_opportunity.person IS 'Code of the owner; empty where nobody owns the deal';
COMMENT ON COLUMN large_opportunity.person_name IS 'Name of the owner';
COMMENT ON COLUMN large_opportunity.pipeline IS 'Code of the pipeline';
COMMENT ON COLUMN large_opportunity.stage IS 'Code of the stage the deal is in';
COMMENT ON COLUMN large_opportunity.stage_name IS 'Name of the stage';
COMMENT ON COLUMN large_opportunity.stage_position IS 'Order of the stage within the pipeline';
COMMENT ON COLUMN large_opportunity.amount IS 'Value of the deal';
COMMENT ON COLUMN large_opportunity.expected_close IS 'Day it is expected to close';
COMMENT ON COLUMN large_opportunity.limit_amount IS 'From what value on a deal is large: setting large_amount, or else large_multiple times median_amount';
COMMENT ON COLUMN large_opportunity.median_amount IS 'Median value of all open deals that have one';
COMMENT ON COLUMN large_opportunity.median_multiple IS 'amount / median_amount';
COMMENT ON COLUMN large_opportunity.owner_amount IS 'Value of all open deals of the owner';
COMMENT ON COLUMN large_opportunity.owner_share IS 'amount / owner_amount, 0..1: how much of the owner''s pipeline hangs on this deal';
COMMENT ON COLUMN large_opportunity.age_days IS 'Days since the deal was created';
