-- How many deals get how far: the funnel, of all and of each rep.

-- Asked about few rows.  Functions, and of one value, for a condition in the query would be
-- reckoned for every row, and beside what that seems to cost a sort of all events looks cheap.
CREATE FUNCTION is_reopened(deal_id bigint, pipeline_id bigint, at timestamptz, place bigint, stage_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT EXISTS (
    SELECT
    FROM opportunity_history AS h
    JOIN stage AS s ON s.stage_id = h.stage_id
    WHERE h.opportunity_id = deal_id AND s.pipeline_id = is_reopened.pipeline_id
      AND h.changed_at = is_reopened.at AND h.place > is_reopened.place AND h.stage_id <> is_reopened.stage_id);
END;
COMMENT ON FUNCTION is_reopened(bigint, bigint, timestamptz, bigint, bigint) IS
'Whether a deal goes on to another stage of the pipeline in the instant in which it came to this one';

CREATE FUNCTION owner_at_entry(deal_id bigint, is_corrected boolean, pipeline_id bigint, as_of timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT h.owner_id
  FROM deal_history(deal_id, owner_at_entry.is_corrected, owner_at_entry.as_of) AS h
  JOIN stage AS s ON s.stage_id = h.stage_id
  WHERE s.pipeline_id = owner_at_entry.pipeline_id
  ORDER BY h.changed_at, h.place
  LIMIT 1;
END;
COMMENT ON FUNCTION owner_at_entry(bigint, boolean, bigint, timestamptz) IS
'Whose a deal was when it entered a pipeline; is_corrected as in deal_history()';

-- What funnel_conversion() reads: every row of the history, in any order, for a row that
-- leaves the stage as it was reaches nothing new.  Three things it could not know.  A deal that is
-- lost was in the first step at least: a row of a loss counts as one of that step, too,
-- which is news only of a deal whose first record it is.  A deal that is reopened in the
-- instant of its loss is not lost; where the row is the deal's last one, that needs no look.
-- And the whole of a deal is credited to who owned it when it entered the pipeline, so
-- that a hand-over does not split it: whose its first row is, but for deals that move on to
-- another pipeline.  Nobody is looked for where by_owner is false and no person is asked for.
CREATE FUNCTION funnel_event(
  as_of timestamptz, person text, during daterange, options jsonb, by_owner boolean DEFAULT true)
RETURNS TABLE (opportunity_id bigint, pipeline_id bigint, owner_id bigint, step int, entered_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.today, span.since, span.until
    FROM book_date(funnel_event.as_of, funnel_event.options) AS given (today)
    LEFT JOIN LATERAL date_span(
      coalesce(funnel_event.during, daterange(given.today - 364, given.today + 1)), funnel_event.options) AS span ON true
  ),
  step AS MATERIALIZED (
    SELECT s.stage_id, s.pipeline_id, s.step
    FROM stage_step() AS s
    UNION ALL
    SELECT lost.stage_id, lost.pipeline_id, 1
    FROM stage AS lost
    WHERE lost.outcome = 'lost'
  )
  SELECT event.opportunity_id, event.pipeline_id, event.owner_id, event.step, event.changed_at
  FROM (
    SELECT deal.opportunity_id, coalesce(h.changed_at, deal.changed_at) AS changed_at, coalesce(h.corrects, h.seq, 0) AS place,
      coalesce(h.stage_id, deal.stage_id) AS stage_id, step.pipeline_id, step.step,
      (coalesce(h.changed_at, deal.changed_at), coalesce(h.corrects, h.seq, 0)) = (deal.changed_at, deal.change_place) AS is_last,
      CASE
        WHEN step.pipeline_id = entry.pipeline_id THEN deal.first_owner_id
        WHEN funnel_event.by_owner OR funnel_event.person IS NOT NULL
        THEN owner_at_entry(deal.opportunity_id, deal.is_corrected, step.pipeline_id, funnel_event.as_of)
      END AS owner_id
    FROM (
      SELECT o.opportunity_id, coalesce(o.changed_at, o.created_at) AS changed_at, coalesce(o.change_place, 0) AS change_place,
        -- a deal that came with a state and has no history yet
        CASE WHEN o.change_seq IS NULL AND coalesce(o.changed_at, o.created_at) <= funnel_event.as_of THEN o.stage_id END AS stage_id,
        CASE WHEN o.change_seq IS NULL THEN o.stage_id ELSE o.first_stage_id END AS first_stage_id,
        CASE WHEN o.change_seq IS NULL THEN o.owner_id ELSE o.first_owner_id END AS first_owner_id,
        o.opportunity_id IN (SELECT corrected.opportunity_id FROM corrected_deal() AS corrected) AS is_corrected
      FROM opportunity AS o
      -- IS TRUE keeps the planner from taking a span that it does not know for a short one
      WHERE (o.created_at >= (SELECT chosen.since FROM chosen)) IS TRUE
        AND o.created_at < (SELECT chosen.until FROM chosen)
        AND o.created_at <= funnel_event.as_of
      OFFSET 0
    ) AS deal
    LEFT JOIN stage AS entry ON entry.stage_id = deal.first_stage_id
    LEFT JOIN LATERAL (
      SELECT c.opportunity_id, c.changed_at, c.seq, c.corrects, c.stage_id
      FROM opportunity_change AS c
      WHERE c.opportunity_id = deal.opportunity_id AND c.changed_at <= funnel_event.as_of
      -- by the key, not all of the ledger
      OFFSET 0
    ) AS h ON true
    -- every row has a stage; LEFT keeps the planner from taking the rows for few
    LEFT JOIN step ON step.stage_id = coalesce(h.stage_id, deal.stage_id)
    WHERE coalesce(h.stage_id, deal.stage_id) IS NOT NULL
      AND NOT (deal.is_corrected
        AND (h.opportunity_id, h.changed_at, h.seq) IN (
          SELECT replaced.opportunity_id, replaced.changed_at, replaced.seq FROM replaced_change() AS replaced))
  ) AS event
  WHERE (event.step > 0 OR event.is_last
      OR NOT is_reopened(event.opportunity_id, event.pipeline_id, event.changed_at, event.place, event.stage_id))
    AND (funnel_event.person IS NULL
      OR event.owner_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(funnel_event.person, chosen.today) AS who));
END;
COMMENT ON FUNCTION funnel_event(timestamptz, text, daterange, jsonb, boolean) IS
'The events of the funnel: the stages of the deals created in during, row by row of their history, by default in the 365 days up to as_of; options as settings() gives them';

CREATE FUNCTION funnel_rules(as_of timestamptz, options jsonb) RETURNS funnel_options
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT funnel_options(
    mode => 'furthest',
    lost_step => 0,
    as_of => funnel_rules.as_of,
    steps => (SELECT max(s.step) FROM stage_step() AS s WHERE s.step > 0),
    within => CASE
      WHEN (options ->> 'funnel_within_days')::float8 <> 0
      THEN (options ->> 'funnel_within_days')::float8 * interval '1 day'
    END);
END;
COMMENT ON FUNCTION funnel_rules(timestamptz, jsonb) IS
'How the funnel counts: reaching a stage passes all before it; as many steps as the longest pipeline has';

CREATE FUNCTION funnel(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  pipeline text, pipeline_name text, stage text, stage_name text, stage_position int, step int,
  entered int8, reached int8, conversion_rate float8, step_rate float8, lost int8, pending int8, mature_rate float8,
  median_days float8, p90_days float8, step_median_days float8, step_p90_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, rules.rules
    FROM settings(funnel.options, funnel.as_of) AS given (options)
    CROSS JOIN LATERAL (SELECT funnel_rules(funnel.as_of, given.options) AS rules) AS rules
  ),
  counted AS (
    SELECT event.pipeline_id,
      funnel_conversion(event.opportunity_id, event.step, event.entered_at, (SELECT chosen.rules FROM chosen)) AS steps
    FROM chosen
    CROSS JOIN LATERAL funnel_event(
      funnel.as_of, funnel.person, funnel.during, chosen.options, by_owner => false) AS event
    GROUP BY event.pipeline_id
  )
  SELECT p.code, p.name, s.code, s.name, s.position, step.step,
    coalesce(f.entered, 0), coalesce(f.reached, 0), f.conversion_rate, f.step_rate,
    coalesce(f.lost, 0), coalesce(f.pending, 0), f.mature_rate,
    f.median_days, f.p90_days, f.step_median_days, f.step_p90_days
  -- also where nothing is counted: the settings refuse what they must
  FROM chosen
  CROSS JOIN stage_step() AS step
  JOIN stage AS s ON s.stage_id = step.stage_id
  JOIN pipeline AS p ON p.pipeline_id = step.pipeline_id
  LEFT JOIN counted ON counted.pipeline_id = step.pipeline_id
  LEFT JOIN LATERAL unnest(counted.steps) AS f ON f.step = step.step
  WHERE step.step > 0
  ORDER BY p.code, step.step;
END;
COMMENT ON FUNCTION funnel(timestamptz, text, daterange, jsonb) IS
'How many deals reach each stage, by pipeline; during: the day the deal was created, by default in the 365 days up to as_of; person: the owner when the deal entered the pipeline';

CREATE VIEW funnel WITH (security_invoker) AS
SELECT * FROM funnel();
COMMENT ON VIEW funnel IS 'Of the deals of the last 365 days, how many reach each stage, how fast, and where are they lost?';
COMMENT ON COLUMN funnel.pipeline IS 'Code of the pipeline';
COMMENT ON COLUMN funnel.pipeline_name IS 'Name of the pipeline';
COMMENT ON COLUMN funnel.stage IS 'Code of the stage';
COMMENT ON COLUMN funnel.stage_name IS 'Name of the stage';
COMMENT ON COLUMN funnel.stage_position IS 'Order of the stage within the pipeline';
COMMENT ON COLUMN funnel.step IS 'Number of the stage among those of the pipeline that are not lost, from 1';
COMMENT ON COLUMN funnel.entered IS 'Deals that entered the pipeline';
COMMENT ON COLUMN funnel.reached IS 'Of these, deals that reached this stage or a later one';
COMMENT ON COLUMN funnel.conversion_rate IS 'reached / entered, 0..1';
COMMENT ON COLUMN funnel.step_rate IS 'reached / reached of the stage before, 0..1; empty at the first stage';
COMMENT ON COLUMN funnel.lost IS 'Deals that reached the stage before and were lost there';
COMMENT ON COLUMN funnel.pending IS 'Deals that reached the stage before and may still reach this one';
COMMENT ON COLUMN funnel.mature_rate IS 'reached / entered over the deals whose window has passed, 0..1; empty without setting funnel_within_days';
COMMENT ON COLUMN funnel.median_days IS 'Median days from entering the pipeline to reaching this stage';
COMMENT ON COLUMN funnel.p90_days IS '90th percentile of the days from entering the pipeline to reaching this stage';
COMMENT ON COLUMN funnel.step_median_days IS 'Median days from reaching the stage before to reaching this one';
COMMENT ON COLUMN funnel.step_p90_days IS '90th percentile of the days from reaching the stage before to reaching this one';

CREATE FUNCTION funnel_by_rep(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, pipeline text, pipeline_name text,
  stage text, stage_name text, stage_position int, step int,
  entered int8, reached int8, conversion_rate float8, step_rate float8, lost int8, pending int8, mature_rate float8,
  median_days float8, p90_days float8, step_median_days float8, step_p90_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, rules.rules
    FROM settings(funnel_by_rep.options, funnel_by_rep.as_of) AS given (options)
    CROSS JOIN LATERAL (SELECT funnel_rules(funnel_by_rep.as_of, given.options) AS rules) AS rules
  ),
  counted AS (
    SELECT event.owner_id, event.pipeline_id,
      funnel_conversion(event.opportunity_id, event.step, event.entered_at, (SELECT chosen.rules FROM chosen)) AS steps
    FROM chosen
    CROSS JOIN LATERAL funnel_event(
      funnel_by_rep.as_of, funnel_by_rep.person, funnel_by_rep.during, chosen.options) AS event
    GROUP BY event.owner_id, event.pipeline_id
  )
  SELECT rep.code, rep.name, p.code, p.name, s.code, s.name, s.position, step.step,
    f.entered, f.reached, f.conversion_rate, f.step_rate, f.lost, f.pending, f.mature_rate,
    f.median_days, f.p90_days, f.step_median_days, f.step_p90_days
  FROM counted
  CROSS JOIN LATERAL unnest(counted.steps) AS f
  JOIN stage_step() AS step ON step.pipeline_id = counted.pipeline_id AND step.step = f.step
  JOIN stage AS s ON s.stage_id = step.stage_id
  JOIN pipeline AS p ON p.pipeline_id = step.pipeline_id
  LEFT JOIN person AS rep ON rep.person_id = counted.owner_id
  ORDER BY rep.code, p.code, step.step;
END;
COMMENT ON FUNCTION funnel_by_rep(timestamptz, text, daterange, jsonb) IS
'How many of a rep''s deals reach each stage; a deal is credited as a whole to its owner when it entered the pipeline; during: the day the deal was created, by default in the 365 days up to as_of';

CREATE VIEW funnel_by_rep WITH (security_invoker) AS
SELECT * FROM funnel_by_rep();
COMMENT ON VIEW funnel_by_rep IS 'At which stage does each rep lose the deals of the last 365 days, and how fast is each?';
COMMENT ON COLUMN funnel_by_rep.person IS 'Code of who owned the deals when they entered the pipeline; empty where nobody did';
COMMENT ON COLUMN funnel_by_rep.person_name IS 'Name of who owned the deals when they entered the pipeline';
COMMENT ON COLUMN funnel_by_rep.pipeline IS 'Code of the pipeline';
COMMENT ON COLUMN funnel_by_rep.pipeline_name IS 'Name of the pipeline';
COMMENT ON COLUMN funnel_by_rep.stage IS 'Code of the stage';
COMMENT ON COLUMN funnel_by_rep.stage_name IS 'Name of the stage';
COMMENT ON COLUMN funnel_by_rep.stage_position IS 'Order of the stage within the pipeline';
COMMENT ON COLUMN funnel_by_rep.step IS 'Number of the stage among those of the pipeline that are not lost, from 1';
COMMENT ON COLUMN funnel_by_rep.entered IS 'Deals of the rep that entered the pipeline';
COMMENT ON COLUMN funnel_by_rep.reached IS 'Of these, deals that reached this stage or a later one';
COMMENT ON COLUMN funnel_by_rep.conversion_rate IS 'reached / entered, 0..1';
COMMENT ON COLUMN funnel_by_rep.step_rate IS 'reached / reached of the stage before, 0..1; empty at the first stage';
COMMENT ON COLUMN funnel_by_rep.lost IS 'Deals that reached the stage before and were lost there';
COMMENT ON COLUMN funnel_by_rep.pending IS 'Deals that reached the stage before and may still reach this one';
COMMENT ON COLUMN funnel_by_rep.mature_rate IS 'reached / entered over the deals whose window has passed, 0..1; empty without setting funnel_within_days';
COMMENT ON COLUMN funnel_by_rep.median_days IS 'Median days from entering the pipeline to reaching this stage';
COMMENT ON COLUMN funnel_by_rep.p90_days IS '90th percentile of the days from entering the pipeline to reaching this stage';
COMMENT ON COLUMN funnel_by_rep.step_median_days IS 'Median days from reaching the stage before to reaching this one';
COMMENT ON COLUMN funnel_by_rep.step_p90_days IS '90th percentile of the days from reaching the stage before to reaching this one';
