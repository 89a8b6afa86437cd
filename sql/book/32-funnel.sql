-- How deals go through the stages: every entry, the funnel, the time a stage takes.

CREATE FUNCTION stage_step() RETURNS TABLE (stage_id bigint, pipeline_id bigint, step int)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.stage_id, s.pipeline_id,
    CASE
      WHEN s.outcome = 'lost' THEN 0
      ELSE (count(*) FILTER (WHERE s.outcome <> 'lost')
        OVER (PARTITION BY s.pipeline_id ORDER BY s.position))::int
    END
  FROM stage AS s;
END;
COMMENT ON FUNCTION stage_step() IS
'The number of each stage among those of its pipeline that are not lost, from 1 and without gaps; 0 for a lost stage';

CREATE FUNCTION date_span(during daterange, options jsonb) RETURNS TABLE (since timestamptz, until timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT book_midnight(coalesce(lower(during), '-infinity'), options),
    book_midnight(coalesce(upper(during), 'infinity'), options)
  WHERE NOT coalesce(isempty(during), false);
END;
COMMENT ON FUNCTION date_span(daterange, jsonb) IS
'The instants from which and before which days last in the book''s time zone; always if during is NULL, no row if it is empty';

-- The history, as opportunity_history shows it, for reports that read all of it.  A
-- ledger's row is a row of the history unless a row corrects another, so deals with
-- corrections, which are few, are read apart, one after the other; the others need
-- no look at each row's corrections.
CREATE FUNCTION history_until(as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint, changed_at timestamptz, place bigint, stage_id bigint, owner_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT c.opportunity_id, c.changed_at, c.seq, c.stage_id, c.owner_id
  FROM opportunity_change AS c
  WHERE c.changed_at <= history_until.as_of
    AND NOT EXISTS (
      SELECT
      FROM opportunity_change AS correction
      WHERE num_nonnulls(correction.corrects) = 1 AND correction.opportunity_id = c.opportunity_id)
  UNION ALL
  SELECT h.opportunity_id, h.changed_at, h.place, h.stage_id, h.owner_id
  FROM (
    SELECT DISTINCT correction.opportunity_id
    FROM opportunity_change AS correction
    WHERE num_nonnulls(correction.corrects) = 1
  ) AS corrected
  CROSS JOIN LATERAL (
    SELECT known.opportunity_id, known.changed_at, known.place, known.stage_id, known.owner_id
    FROM opportunity_history AS known
    WHERE known.opportunity_id = corrected.opportunity_id AND known.changed_at <= history_until.as_of
    -- by the key, however many the planner takes them for
    OFFSET 0
  ) AS h
  UNION ALL
  SELECT o.opportunity_id, coalesce(o.changed_at, o.created_at), 0, o.stage_id, o.owner_id
  FROM opportunity AS o
  WHERE o.change_seq IS NULL AND o.stage_id IS NOT NULL AND coalesce(o.changed_at, o.created_at) <= history_until.as_of;
END;
COMMENT ON FUNCTION history_until(timestamptz) IS
'The rows of opportunity_history up to as_of, for reports that read all of them';

-- One pass in the order of the ledger's key: a row whose stage differs from the
-- row before it is an entry, and the next entry is when the deal left.  In the ledger
-- the key's order is that of the history unless a row is a correction, so deals with
-- corrections, which are few, are read apart, and only they are sorted.  A deal
-- without changes has made one entry, into the stage it came with.
CREATE FUNCTION stage_visit(as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint, place bigint, stage_id bigint, owner_id bigint,
  entered_at timestamptz, left_at timestamptz, last_stage_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT entry.opportunity_id, entry.seq, entry.stage_id, entry.owner_id, entry.changed_at,
    lead(entry.changed_at) OVER deal,
    last_value(entry.stage_id) OVER (deal ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
  FROM (
    SELECT c.opportunity_id, c.changed_at, c.seq, c.stage_id, c.owner_id,
      lag(c.stage_id) OVER (PARTITION BY c.opportunity_id ORDER BY c.changed_at, c.seq) AS stage_before
    FROM opportunity_change AS c
    WHERE c.changed_at <= stage_visit.as_of
      AND NOT EXISTS (
        SELECT
        FROM opportunity_change AS correction
        WHERE num_nonnulls(correction.corrects) = 1 AND correction.opportunity_id = c.opportunity_id)
  ) AS entry
  WHERE entry.stage_id IS DISTINCT FROM entry.stage_before
  WINDOW deal AS (PARTITION BY entry.opportunity_id ORDER BY entry.changed_at, entry.seq)
  UNION ALL
  SELECT entry.opportunity_id, entry.place, entry.stage_id, entry.owner_id, entry.changed_at,
    lead(entry.changed_at) OVER deal,
    last_value(entry.stage_id) OVER (deal ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
  FROM (
    SELECT h.opportunity_id, h.changed_at, h.place, h.stage_id, h.owner_id,
      lag(h.stage_id) OVER (PARTITION BY h.opportunity_id ORDER BY h.changed_at, h.place) AS stage_before
    FROM (
      SELECT DISTINCT correction.opportunity_id
      FROM opportunity_change AS correction
      WHERE num_nonnulls(correction.corrects) = 1
    ) AS corrected
    CROSS JOIN LATERAL (
      SELECT known.opportunity_id, known.changed_at, known.place, known.stage_id, known.owner_id
      FROM opportunity_history AS known
      WHERE known.opportunity_id = corrected.opportunity_id AND known.changed_at <= stage_visit.as_of
      -- one deal after the other by the key, whatever their number is taken for
      OFFSET 0
    ) AS h
  ) AS entry
  WHERE entry.stage_id IS DISTINCT FROM entry.stage_before
  WINDOW deal AS (PARTITION BY entry.opportunity_id ORDER BY entry.changed_at, entry.place)
  UNION ALL
  SELECT o.opportunity_id, 0, o.stage_id, o.owner_id, coalesce(o.changed_at, o.created_at), NULL, o.stage_id
  FROM opportunity AS o
  WHERE o.change_seq IS NULL AND o.stage_id IS NOT NULL AND coalesce(o.changed_at, o.created_at) <= stage_visit.as_of;
END;
COMMENT ON FUNCTION stage_visit(timestamptz) IS
'Every entry of a deal into a stage up to as_of, with the owner at the entry and when the deal left, no left_at while it is there; and the stage it is in at as_of';

CREATE FUNCTION stage_entry(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  opportunity text, pipeline text, stage text, stage_name text, stage_position int, step int, outcome text,
  person text, person_name text, entered_at timestamptz, left_at timestamptz, is_current boolean, stage_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, span.since, span.until
    FROM settings(stage_entry.options) AS given (options)
    LEFT JOIN LATERAL date_span(stage_entry.during, given.options) AS span ON true
  )
  SELECT o.code, p.code, s.code, s.name, s.position, step.step, s.outcome,
    owner.code, owner.name, visit.entered_at, visit.left_at, visit.left_at IS NULL,
    extract(epoch FROM coalesce(visit.left_at, stage_entry.as_of) - visit.entered_at)::float8 / 86400
  FROM chosen
  JOIN stage_visit(stage_entry.as_of) AS visit
    ON visit.entered_at >= chosen.since AND visit.entered_at < chosen.until
  JOIN stage AS s ON s.stage_id = visit.stage_id
  JOIN stage_step() AS step ON step.stage_id = visit.stage_id
  JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  JOIN opportunity AS o ON o.opportunity_id = visit.opportunity_id
  LEFT JOIN person AS owner ON owner.person_id = visit.owner_id
  WHERE stage_entry.person IS NULL
    OR visit.owner_id IN (
      SELECT who.person_id
      FROM chosen
      CROSS JOIN LATERAL report_on(stage_entry.person, book_date(stage_entry.as_of, chosen.options)) AS who);
END;
COMMENT ON FUNCTION stage_entry(timestamptz, text, daterange, jsonb) IS
'Every entry of a deal into a stage; during: the day of the entry, always by default; person: the owner at the entry';

CREATE VIEW stage_entry WITH (security_invoker) AS
SELECT * FROM stage_entry();
COMMENT ON VIEW stage_entry IS 'Which way did each deal go through the stages, and how long was it in each?';
COMMENT ON COLUMN stage_entry.opportunity IS 'Code of the deal';
COMMENT ON COLUMN stage_entry.pipeline IS 'Code of the pipeline the stage belongs to';
COMMENT ON COLUMN stage_entry.stage IS 'Code of the stage entered';
COMMENT ON COLUMN stage_entry.stage_name IS 'Name of the stage entered';
COMMENT ON COLUMN stage_entry.stage_position IS 'Order of the stage within the pipeline';
COMMENT ON COLUMN stage_entry.step IS 'Number of the stage among those of the pipeline that are not lost, from 1; 0 for a lost stage';
COMMENT ON COLUMN stage_entry.outcome IS 'What the stage says of a deal in it: open, won or lost';
COMMENT ON COLUMN stage_entry.person IS 'Code of the owner at the entry';
COMMENT ON COLUMN stage_entry.person_name IS 'Name of the owner at the entry';
COMMENT ON COLUMN stage_entry.entered_at IS 'When the deal entered the stage';
COMMENT ON COLUMN stage_entry.left_at IS 'When it entered the next one; empty while it is there';
COMMENT ON COLUMN stage_entry.is_current IS 'Whether the deal is still in the stage';
COMMENT ON COLUMN stage_entry.stage_days IS 'Days in the stage, up to now while the deal is there';

-- What funnel_conversion() reads: every row of the history, for a row that leaves the
-- stage as it was reaches nothing new.  Three things it could not know: a deal whose
-- first record is a loss was in the first step at least; a deal that is reopened
-- in the instant of its loss is not lost; and the whole of a deal is credited to
-- who owned it when it entered the pipeline, so that a hand-over does not split it.
CREATE FUNCTION funnel_event(as_of timestamptz, person text, during daterange, options jsonb) RETURNS TABLE (
  opportunity_id bigint, pipeline_id bigint, owner_id bigint, step int, entered_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.today, span.since, span.until
    FROM book_date(funnel_event.as_of, funnel_event.options) AS given (today)
    LEFT JOIN LATERAL date_span(
      coalesce(funnel_event.during, daterange(given.today - 364, given.today + 1)), funnel_event.options) AS span ON true
  )
  SELECT event.opportunity_id, event.pipeline_id, event.owner_id,
    CASE WHEN start.assumed THEN 1 ELSE event.step END, event.changed_at
  FROM (
    SELECT h.opportunity_id, h.changed_at, h.place, h.stage_id, step.pipeline_id, step.step,
      first_value(h.owner_id) OVER (PARTITION BY h.opportunity_id, step.pipeline_id ORDER BY h.changed_at, h.place) AS owner_id
    FROM chosen
    JOIN opportunity AS o
      ON o.created_at >= chosen.since AND o.created_at < chosen.until AND o.created_at <= funnel_event.as_of
    JOIN history_until(funnel_event.as_of) AS h ON h.opportunity_id = o.opportunity_id
    LEFT JOIN stage_step() AS step ON step.stage_id = h.stage_id
  ) AS event
  JOIN (VALUES (false), (true)) AS start (assumed)
    ON NOT start.assumed
      OR event.step = 0 AND NOT EXISTS (
        SELECT
        FROM opportunity_history AS h
        JOIN stage AS s ON s.stage_id = h.stage_id
        WHERE h.opportunity_id = event.opportunity_id AND s.pipeline_id = event.pipeline_id
          AND (h.changed_at, h.place) < (event.changed_at, event.place))
  WHERE (start.assumed OR event.step > 0 OR NOT EXISTS (
      SELECT
      FROM opportunity_history AS h
      JOIN stage AS s ON s.stage_id = h.stage_id
      WHERE h.opportunity_id = event.opportunity_id AND s.pipeline_id = event.pipeline_id
        AND h.changed_at = event.changed_at AND h.place > event.place AND h.stage_id <> event.stage_id))
    AND (funnel_event.person IS NULL
      OR event.owner_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(funnel_event.person, chosen.today) AS who));
END;
COMMENT ON FUNCTION funnel_event(timestamptz, text, daterange, jsonb) IS
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
    FROM settings(funnel.options) AS given (options)
    CROSS JOIN LATERAL (SELECT funnel_rules(funnel.as_of, given.options) AS rules) AS rules
  ),
  counted AS (
    SELECT event.pipeline_id,
      funnel_conversion(event.opportunity_id, event.step, event.entered_at, (SELECT chosen.rules FROM chosen)) AS steps
    FROM chosen
    CROSS JOIN LATERAL funnel_event(funnel.as_of, funnel.person, funnel.during, chosen.options) AS event
    GROUP BY event.pipeline_id
  )
  SELECT p.code, p.name, s.code, s.name, s.position, step.step,
    coalesce(f.entered, 0), coalesce(f.reached, 0), f.conversion_rate, f.step_rate,
    coalesce(f.lost, 0), coalesce(f.pending, 0), f.mature_rate,
    f.median_days, f.p90_days, f.step_median_days, f.step_p90_days
  FROM stage_step() AS step
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
    FROM settings(funnel_by_rep.options) AS given (options)
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

CREATE FUNCTION stage_duration(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  pipeline text, pipeline_name text, stage text, stage_name text, stage_position int,
  visits int8, open_visits int8, open_share float8, median_days float8, p90_days float8,
  ended_median_days float8, ended_p90_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, span.since, span.until
    FROM settings(stage_duration.options) AS given (options)
    LEFT JOIN LATERAL date_span(stage_duration.during, given.options) AS span ON true
  ),
  counted AS (
    SELECT visit.stage_id, count(*) AS visits, count(*) FILTER (WHERE visit.is_open) AS open_visits,
      percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY visit.days) AS days,
      percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY visit.days)
        FILTER (WHERE NOT visit.is_open) AS ended_days
    FROM (
      SELECT v.stage_id, v.left_at IS NULL AS is_open,
        extract(epoch FROM coalesce(v.left_at, stage_duration.as_of) - v.entered_at)::float8 / 86400 AS days
      FROM chosen
      JOIN stage_visit(stage_duration.as_of) AS v
        ON v.entered_at >= chosen.since AND v.entered_at < chosen.until
      WHERE stage_duration.person IS NULL
        OR v.owner_id IN (
          SELECT who.person_id
          FROM chosen
          CROSS JOIN LATERAL report_on(stage_duration.person, book_date(stage_duration.as_of, chosen.options)) AS who)
    ) AS visit
    GROUP BY visit.stage_id
  )
  SELECT p.code, p.name, s.code, s.name, s.position,
    coalesce(counted.visits, 0), coalesce(counted.open_visits, 0),
    counted.open_visits::float8 / counted.visits,
    counted.days[1], counted.days[2], counted.ended_days[1], counted.ended_days[2]
  FROM stage AS s
  JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  LEFT JOIN counted ON counted.stage_id = s.stage_id
  WHERE s.outcome = 'open'
  ORDER BY p.code, s.position;
END;
COMMENT ON FUNCTION stage_duration(timestamptz, text, daterange, jsonb) IS
'How long deals stay in each open stage, a visit at a time; during: the day of the entry, always by default; person: the owner at the entry';

CREATE VIEW stage_duration WITH (security_invoker) AS
SELECT * FROM stage_duration();
COMMENT ON VIEW stage_duration IS 'How long do deals stay in each stage, and how many are still there?';
COMMENT ON COLUMN stage_duration.pipeline IS 'Code of the pipeline';
COMMENT ON COLUMN stage_duration.pipeline_name IS 'Name of the pipeline';
COMMENT ON COLUMN stage_duration.stage IS 'Code of the stage';
COMMENT ON COLUMN stage_duration.stage_name IS 'Name of the stage';
COMMENT ON COLUMN stage_duration.stage_position IS 'Order of the stage within the pipeline';
COMMENT ON COLUMN stage_duration.visits IS 'Times a deal entered the stage; a deal that comes back counts again';
COMMENT ON COLUMN stage_duration.open_visits IS 'Of these, those that last';
COMMENT ON COLUMN stage_duration.open_share IS 'open_visits / visits, 0..1';
COMMENT ON COLUMN stage_duration.median_days IS 'Median days of a visit, those that last counted up to now';
COMMENT ON COLUMN stage_duration.p90_days IS '90th percentile of the days of a visit, those that last counted up to now';
COMMENT ON COLUMN stage_duration.ended_median_days IS 'Median days of the visits that ended';
COMMENT ON COLUMN stage_duration.ended_p90_days IS '90th percentile of the days of the visits that ended';
