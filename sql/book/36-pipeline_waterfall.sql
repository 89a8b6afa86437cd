-- What became of the pipeline between two dates, deal by deal.

CREATE FUNCTION waterfall_step() RETURNS TABLE (step_position int, step text, deal_sign int)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  VALUES (1, 'start', -1), (2, 'new', -1), (3, 'reopened', -1), (4, 'transferred_in', -1), (5, 'pulled_in', -1),
    (6, 'increased', 0), (7, 'decreased', 0), (8, 'pushed_out', 1), (9, 'transferred_out', 1), (10, 'won', 1),
    (11, 'lost', 1), (12, 'end', 1), (13, 'unexplained', 0);
END;
COMMENT ON FUNCTION waterfall_step() IS
'The steps of a waterfall in order; deal_sign balances its numbers of deals: end and what left, less start and what came in, is 0';

-- The pipeline of a span is what is open and expected to close before the span
-- ends (or a horizon after it), past due included: a deal is pushed out when its
-- expected close passes that day, and pulled in when it comes before it.  What is
-- won has closed, whatever had been expected.  A deal stands in one class, by its
-- states at the two dates; what comes in and closes stands under won or lost
-- again, which takes it out.  For each holder, a rep or whoever leads one, a deal
-- that another had at the start comes in as a transfer.  Whose a deal is at the two
-- dates says who holds it, so holders are looked up for each pair of owners, not deal.
CREATE FUNCTION waterfall_deal(by_team boolean, as_of timestamptz, during daterange, options jsonb) RETURNS TABLE (
  holders bigint[], opportunity_id bigint, step text, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT span.since, span.until,
      -- a team is that of the day before the instant, as the state is
      least(lower(waterfall_deal.during), given.today + 1) - 1 AS start_day,
      least(upper(waterfall_deal.during), given.today + 1) - 1 AS end_day,
      coalesce(upper(waterfall_deal.during)
        + (waterfall_deal.options ->> 'waterfall_horizon_days')::numeric::int, 'infinity') AS due_before
    FROM book_date(waterfall_deal.as_of, waterfall_deal.options) AS given (today)
    CROSS JOIN date_span(waterfall_deal.during, waterfall_deal.options) AS span
  ),
  moved AS MATERIALIZED (
    SELECT *
    FROM (
      SELECT deal.opportunity_id, ARRAY[deal.start_owner_id, deal.end_owner_id] AS owners, before.outcome IS NOT NULL AS has_start,
        coalesce(deal.start_amount, 0) AS start_amount, coalesce(deal.end_amount, 0) AS end_amount,
        before.outcome AS start_outcome, after.outcome AS end_outcome,
        coalesce(before.outcome = 'open' AND deal.start_expected_close < chosen.due_before, false) AS in_start,
        coalesce(after.outcome = 'open' AND deal.end_expected_close < chosen.due_before, false) AS in_end,
        coalesce(
          (before.outcome IS DISTINCT FROM after.outcome OR before.outcome = 'open')
          AND (after.outcome = 'won' OR deal.end_expected_close < chosen.due_before), false) AS may_enter
      FROM chosen
      CROSS JOIN LATERAL deal_between(chosen.since, chosen.until, waterfall_deal.as_of) AS deal
      LEFT JOIN stage AS before ON before.stage_id = deal.start_stage_id
      JOIN stage AS after ON after.stage_id = deal.end_stage_id
      -- of the deals that did not change most are left out where they are read
      WHERE deal.has_changed
        OR deal.start_expected_close < chosen.due_before
          AND deal.start_stage_id = ANY (ARRAY(SELECT open.stage_id FROM stage AS open WHERE open.outcome = 'open'))
    ) AS deal
    WHERE deal.in_start OR deal.may_enter
  ),
  team AS MATERIALIZED (
    SELECT *
    FROM leader_of_time()
    WHERE waterfall_deal.by_team
  ),
  held AS (
    SELECT side.owners, side.has_start, side.holder_id, bool_or(side.at_start) AS at_start, bool_or(NOT side.at_start) AS at_end
    FROM (
      SELECT pair.owners, pair.has_start, owner.at_start,
        CASE WHEN waterfall_deal.by_team THEN team.leader_id ELSE owner.person_id END AS holder_id
      FROM chosen
      CROSS JOIN (SELECT DISTINCT moved.owners, moved.has_start FROM moved) AS pair
      CROSS JOIN LATERAL (
        VALUES (pair.owners[1], true, chosen.start_day), (pair.owners[2], false, chosen.end_day)
      ) AS owner (person_id, at_start, day)
      LEFT JOIN team ON team.person_id = owner.person_id AND team.during @> owner.day
      WHERE (pair.has_start OR NOT owner.at_start)
        AND (team.leader_id IS NOT NULL OR NOT waterfall_deal.by_team)
    ) AS side
    GROUP BY side.owners, side.has_start, side.holder_id
  ),
  holding AS (
    SELECT held.owners, held.has_start, held.at_start, held.at_end, array_agg(held.holder_id ORDER BY held.holder_id) AS holders
    FROM held
    GROUP BY held.owners, held.has_start, held.at_start, held.at_end
  ),
  side AS (
    SELECT moved.*, holding.holders, holding.at_start, holding.at_end,
      moved.in_start AND holding.at_start AS starts, moved.in_end AND holding.at_end AS ends
    FROM moved
    JOIN holding ON holding.owners = moved.owners AND holding.has_start = moved.has_start
  ),
  classed AS (
    SELECT side.*,
      CASE
        WHEN side.starts THEN
          CASE
            WHEN NOT side.at_end THEN 'transferred_out'
            WHEN side.end_outcome <> 'open' THEN side.end_outcome
            WHEN NOT side.ends THEN 'pushed_out'
            WHEN side.end_amount > side.start_amount THEN 'increased'
            WHEN side.end_amount < side.start_amount THEN 'decreased'
          END
        WHEN side.at_end AND side.may_enter THEN
          CASE
            WHEN side.start_outcome IS NULL THEN 'new'
            WHEN side.start_outcome <> 'open' THEN 'reopened'
            WHEN NOT side.at_start THEN 'transferred_in'
            ELSE 'pulled_in'
          END
      END AS class
    FROM side
  )
  SELECT classed.holders, classed.opportunity_id, line.step, line.amount
  FROM classed
  CROSS JOIN LATERAL (
    VALUES
      (CASE WHEN classed.starts THEN 'start' END, classed.start_amount),
      (classed.class,
        CASE
          WHEN NOT classed.starts THEN classed.end_amount
          WHEN classed.class IN ('increased', 'decreased') THEN classed.end_amount - classed.start_amount
          ELSE -classed.start_amount
        END),
      (CASE WHEN NOT classed.starts AND classed.class IS NOT NULL AND classed.end_outcome <> 'open'
        THEN classed.end_outcome END, -classed.end_amount),
      (CASE WHEN classed.ends THEN 'end' END, classed.end_amount)
  ) AS line (step, amount)
  WHERE line.step IS NOT NULL;
END;
COMMENT ON FUNCTION waterfall_deal(boolean, timestamptz, daterange, jsonb) IS
'The deals behind each step of a waterfall, with the owner or all leaders they stand under; what leaves is negative; options as settings() gives them';

CREATE FUNCTION waterfall(by_team boolean, as_of timestamptz, person text, during daterange, options jsonb) RETURNS TABLE (
  person text, person_name text, period_from date, period_until date,
  step_position int, step text, deals int8, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(waterfall.during, quarter_of(today.today)) AS during
    FROM settings(waterfall.options, waterfall.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(waterfall.as_of, given.options) AS today (today)
  ),
  deal AS MATERIALIZED (
    SELECT deal.holders, deal.step, deal.amount
    FROM chosen
    CROSS JOIN LATERAL waterfall_deal(waterfall.by_team, waterfall.as_of, chosen.during, chosen.options) AS deal
  ),
  line AS MATERIALIZED (
    SELECT holder.holder_id, part.step, sum(part.deals) AS deals, sum(part.amount) AS amount
    FROM (
      SELECT deal.holders, deal.step, count(*) AS deals, sum(deal.amount) AS amount
      FROM deal
      GROUP BY deal.holders, deal.step
    ) AS part
    CROSS JOIN LATERAL unnest(part.holders) AS holder (holder_id)
    WHERE waterfall.person IS NULL
      OR holder.holder_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(waterfall.person, chosen.today) AS who)
    GROUP BY holder.holder_id, part.step
  ),
  filled AS (
    SELECT part.holder_id, part.step, sum(part.deals) AS deals, sum(part.amount) AS amount
    FROM (
      SELECT line.holder_id, line.step, line.deals, line.amount
      FROM line
      UNION ALL
      SELECT holder.holder_id, every.step, 0, 0
      FROM (SELECT DISTINCT line.holder_id FROM line) AS holder
      CROSS JOIN waterfall_step() AS every
    ) AS part
    GROUP BY part.holder_id, part.step
  ),
  balanced AS (
    SELECT filled.holder_id, every.step_position, filled.step, filled.deals, filled.amount,
      sum(filled.deals * every.deal_sign) OVER holder AS deals_left,
      sum(CASE filled.step WHEN 'end' THEN filled.amount ELSE -filled.amount END) OVER holder AS amount_left
    FROM filled
    JOIN waterfall_step() AS every ON every.step = filled.step
    WINDOW holder AS (PARTITION BY filled.holder_id)
  )
  SELECT holder.code, holder.name, nullif(lower(chosen.during), '-infinity'), nullif(upper(chosen.during), 'infinity'), balanced.step_position, balanced.step,
    (CASE balanced.step WHEN 'unexplained' THEN balanced.deals_left ELSE balanced.deals END)::int8,
    CASE balanced.step WHEN 'unexplained' THEN balanced.amount_left ELSE balanced.amount END
  FROM chosen
  CROSS JOIN balanced
  LEFT JOIN person AS holder ON holder.person_id = balanced.holder_id
  ORDER BY holder.code, balanced.step_position;
END;
COMMENT ON FUNCTION waterfall(boolean, timestamptz, text, daterange, jsonb) IS
'What pipeline_waterfall and pipeline_waterfall_by_team show';

CREATE FUNCTION pipeline_waterfall(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, period_from date, period_until date,
  step_position int, step text, deals int8, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT *
  FROM waterfall(
    false, pipeline_waterfall.as_of, pipeline_waterfall.person, pipeline_waterfall.during, pipeline_waterfall.options);
END;
COMMENT ON FUNCTION pipeline_waterfall(timestamptz, text, daterange, jsonb) IS
'From the pipeline a rep had to the pipeline the rep has, step by step; during: from its first day to its end or as_of, by default the quarter of as_of; person: the owner at each of the two dates';

CREATE VIEW pipeline_waterfall WITH (security_invoker) AS
SELECT person, person_name, period_from, period_until, step_position, step, deals, amount::numeric(20,4)
FROM pipeline_waterfall();
COMMENT ON VIEW pipeline_waterfall IS 'What has become of the pipeline each rep had when the quarter began, and what came to it?';
COMMENT ON COLUMN pipeline_waterfall.person IS 'Code of the owner; empty where nobody owned the deals';
COMMENT ON COLUMN pipeline_waterfall.person_name IS 'Name of the owner';
COMMENT ON COLUMN pipeline_waterfall.period_from IS 'First day of the quarter';
COMMENT ON COLUMN pipeline_waterfall.period_until IS 'Day after its last; the pipeline is what is open and expected to close before it';
COMMENT ON COLUMN pipeline_waterfall.step_position IS 'Order of the step';
COMMENT ON COLUMN pipeline_waterfall.step IS 'start, new, reopened, transferred_in, pulled_in, increased, decreased, pushed_out, transferred_out, won, lost, end; unexplained is 0';
COMMENT ON COLUMN pipeline_waterfall.deals IS 'Deals of this step, each in one; a deal that came and closed is under won or lost, too';
COMMENT ON COLUMN pipeline_waterfall.amount IS 'Their value, negative where it leaves: start and the steps add up to end';

CREATE FUNCTION pipeline_waterfall_by_team(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, period_from date, period_until date,
  step_position int, step text, deals int8, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT *
  FROM waterfall(
    true, pipeline_waterfall_by_team.as_of, pipeline_waterfall_by_team.person, pipeline_waterfall_by_team.during,
    pipeline_waterfall_by_team.options);
END;
COMMENT ON FUNCTION pipeline_waterfall_by_team(timestamptz, text, daterange, jsonb) IS
'The waterfall of everybody who leads: with whom the owner was on each of the two dates; during: as in pipeline_waterfall; person: the leader';

CREATE VIEW pipeline_waterfall_by_team WITH (security_invoker) AS
SELECT person, person_name, period_from, period_until, step_position, step, deals, amount::numeric(20,4)
FROM pipeline_waterfall_by_team();
COMMENT ON VIEW pipeline_waterfall_by_team IS 'What has become of the pipeline each team had when the quarter began, and what came to it?';
COMMENT ON COLUMN pipeline_waterfall_by_team.person IS 'Code of who leads the team, at any level';
COMMENT ON COLUMN pipeline_waterfall_by_team.person_name IS 'Name of who leads the team';
COMMENT ON COLUMN pipeline_waterfall_by_team.period_from IS 'First day of the quarter';
COMMENT ON COLUMN pipeline_waterfall_by_team.period_until IS 'Day after its last; the pipeline is what is open and expected to close before it';
COMMENT ON COLUMN pipeline_waterfall_by_team.step_position IS 'Order of the step';
COMMENT ON COLUMN pipeline_waterfall_by_team.step IS 'As in pipeline_waterfall; a deal passed on within the team is no transfer, one that goes with a rep to another team is';
COMMENT ON COLUMN pipeline_waterfall_by_team.deals IS 'Deals of this step, each in one; a deal that came and closed is under won or lost, too';
COMMENT ON COLUMN pipeline_waterfall_by_team.amount IS 'Their value, negative where it leaves: start and the steps add up to end';
