-- How deals go through the stages: every entry, and the time a stage takes.

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
-- no look at each row's corrections, and no sort: their order is that of the key.
-- Each part says its order, or the whole would be sorted.
CREATE FUNCTION history_until(as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint, changed_at timestamptz, place bigint, stage_id bigint, owner_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  (
    SELECT c.opportunity_id, c.changed_at, c.seq AS place, c.stage_id, c.owner_id
    FROM opportunity_change AS c
    WHERE c.changed_at <= history_until.as_of
      AND NOT EXISTS (SELECT FROM corrected_deal() AS corrected WHERE corrected.opportunity_id = c.opportunity_id)
    ORDER BY c.opportunity_id, c.changed_at, c.seq
  )
  UNION ALL
  (
    SELECT DISTINCT ON (c.opportunity_id, c.changed_at, coalesce(c.corrects, c.seq))
      c.opportunity_id, c.changed_at, coalesce(c.corrects, c.seq) AS place, c.stage_id, c.owner_id
    FROM opportunity_change AS c
    WHERE c.changed_at <= history_until.as_of
      AND c.opportunity_id IN (SELECT corrected.opportunity_id FROM corrected_deal() AS corrected)
    -- of the rows of one place, the newest counts
    ORDER BY c.opportunity_id, c.changed_at, coalesce(c.corrects, c.seq), c.seq DESC
  )
  UNION ALL
  (
    -- the place is 0, said in a way that the planner does not take for no order at all
    SELECT o.opportunity_id, coalesce(o.changed_at, o.created_at) AS changed_at, coalesce(o.change_seq, 0) AS place,
      o.stage_id, o.owner_id
    FROM opportunity AS o
    WHERE o.change_seq IS NULL AND o.stage_id IS NOT NULL AND coalesce(o.changed_at, o.created_at) <= history_until.as_of
    ORDER BY o.opportunity_id, coalesce(o.changed_at, o.created_at), coalesce(o.change_seq, 0)
  )
  ORDER BY opportunity_id, changed_at, place;
END;
COMMENT ON FUNCTION history_until(timestamptz) IS
'The rows of opportunity_history up to as_of, for reports that read all of them, in the order of deal, changed_at and place';

-- The same of one deal, for reports that know which deals they read: from the key, and
-- sorted only where there is a correction.
CREATE FUNCTION deal_history(deal_id bigint, is_corrected boolean, as_of timestamptz) RETURNS TABLE (
  changed_at timestamptz, place bigint, stage_id bigint, owner_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  (
    SELECT c.changed_at, c.seq AS place, c.stage_id, c.owner_id
    FROM opportunity_change AS c
    WHERE NOT deal_history.is_corrected AND c.opportunity_id = deal_id AND c.changed_at <= deal_history.as_of
    ORDER BY c.changed_at, c.seq
  )
  UNION ALL
  (
    SELECT c.*
    FROM (
      SELECT DISTINCT ON (c.changed_at, coalesce(c.corrects, c.seq))
        c.changed_at, coalesce(c.corrects, c.seq) AS place, c.stage_id, c.owner_id
      FROM opportunity_change AS c
      WHERE c.opportunity_id = deal_id AND c.changed_at <= deal_history.as_of
      ORDER BY c.changed_at, coalesce(c.corrects, c.seq), c.seq DESC
      -- a condition that were pushed in here would be asked after the sort is set up
      OFFSET 0
    ) AS c
    WHERE deal_history.is_corrected
    ORDER BY c.changed_at, c.place
  );
END;
COMMENT ON FUNCTION deal_history(bigint, boolean, timestamptz) IS
'The rows of a deal''s history up to as_of, in their order; is_corrected: whether a change of the deal corrects another';

-- The ledger itself up to as_of, with the opening states: of the rows of one deal, instant and
-- place the last counts.  stage_times_corrected() finds it in one scan of the key.
CREATE FUNCTION ledger_until(as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint, changed_at timestamptz, seq bigint, place bigint, stage_id bigint, owner_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  (
    SELECT c.opportunity_id, c.changed_at, c.seq, coalesce(c.corrects, c.seq) AS place, c.stage_id, c.owner_id
    FROM opportunity_change AS c
    WHERE c.changed_at <= ledger_until.as_of
    ORDER BY c.opportunity_id, c.changed_at, c.seq
  )
  UNION ALL
  (
    -- seq is 0, said in a way that makes an order, as above
    SELECT o.opportunity_id, coalesce(o.changed_at, o.created_at) AS changed_at, coalesce(o.change_seq, 0) AS seq,
      0::bigint AS place, o.stage_id, o.owner_id
    FROM opportunity AS o
    WHERE o.change_seq IS NULL AND o.stage_id IS NOT NULL AND coalesce(o.changed_at, o.created_at) <= ledger_until.as_of
    ORDER BY o.opportunity_id, coalesce(o.changed_at, o.created_at), coalesce(o.change_seq, 0)
  )
  ORDER BY opportunity_id, changed_at, seq;
END;
COMMENT ON FUNCTION ledger_until(timestamptz) IS
'The rows of the ledger up to as_of, those that were corrected among them, and opening states, in the order of deal, changed_at and seq';

-- One pass in the order of the history: a row whose stage differs from the row before it
-- is an entry, and the next entry is when the deal left.
CREATE FUNCTION stage_visit(as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint, place bigint, stage_id bigint, owner_id bigint,
  entered_at timestamptz, left_at timestamptz, last_stage_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT entry.opportunity_id, entry.place, entry.stage_id, entry.owner_id, entry.changed_at,
    lead(entry.changed_at) OVER deal,
    last_value(entry.stage_id) OVER (deal ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
  FROM (
    SELECT h.opportunity_id, h.changed_at, h.place, h.stage_id, h.owner_id,
      lag(h.stage_id) OVER (PARTITION BY h.opportunity_id ORDER BY h.changed_at, h.place) AS stage_before
    FROM history_until(stage_visit.as_of) AS h
  ) AS entry
  WHERE entry.stage_id IS DISTINCT FROM entry.stage_before
  WINDOW deal AS (PARTITION BY entry.opportunity_id ORDER BY entry.changed_at, entry.place);
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
    FROM settings(stage_entry.options, stage_entry.as_of) AS given (options)
    LEFT JOIN LATERAL date_span(stage_entry.during, given.options) AS span ON true
  )
  SELECT o.code, named.pipeline, named.stage, named.name, named.position, named.step, named.outcome,
    owner.code, owner.name, visit.entered_at, visit.left_at, visit.left_at IS NULL,
    date_part('epoch', coalesce(visit.left_at, stage_entry.as_of) - visit.entered_at) / 86400
  FROM stage_visit(stage_entry.as_of) AS visit
  -- every visit has a stage; LEFT, and a span of which the planner assumes half, keep it from
  -- taking millions of visits for few, and looking each one's deal up
  LEFT JOIN (
    SELECT s.stage_id, p.code AS pipeline, s.code AS stage, s.name, s.position, step.step, s.outcome
    FROM stage AS s
    JOIN stage_step() AS step ON step.stage_id = s.stage_id
    JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  ) AS named ON named.stage_id = visit.stage_id
  JOIN opportunity AS o ON o.opportunity_id = visit.opportunity_id
  LEFT JOIN person AS owner ON owner.person_id = visit.owner_id
  -- the settings first: they refuse an as_of that is NULL
  WHERE (SELECT chosen.options FROM chosen) IS NOT NULL
    AND coalesce(
      visit.entered_at >= (SELECT chosen.since FROM chosen) AND visit.entered_at < (SELECT chosen.until FROM chosen), false)
    AND (stage_entry.person IS NULL
      OR visit.owner_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(stage_entry.person, book_date(stage_entry.as_of, chosen.options)) AS who));
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

-- stage_times() knows 64 steps: of more open stages, it counts so many at a time.
CREATE FUNCTION open_stage_step() RETURNS TABLE (stage_id bigint, part int, step int)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.stage_id, s.number / 64, s.number % 64 + 1
  FROM (
    SELECT s.stage_id,
      CASE WHEN s.outcome = 'open' THEN (count(*) FILTER (WHERE s.outcome = 'open') OVER (ORDER BY s.stage_id))::int - 1 END AS number
    FROM stage AS s
  ) AS s;
END;
COMMENT ON FUNCTION open_stage_step() IS
'The number of each open stage in stage_times(), which counts a part of them at a time; none of others';

CREATE FUNCTION open_stage_part(as_of timestamptz, percentile float8) RETURNS TABLE (
  part int, stages bigint[], rules stage_times_options)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.part, array_agg(s.stage_id ORDER BY s.step),
    stage_times_options(as_of => open_stage_part.as_of, final_steps => '{0}', in_order => true,
      percentile => open_stage_part.percentile)
  FROM open_stage_step() AS s
  WHERE s.part IS NOT NULL
  GROUP BY s.part;
END;
COMMENT ON FUNCTION open_stage_part(timestamptz, float8) IS
'For each part: its open stages in order, of which the first is step 1, and options of stage_times(), for which 0, all others, is final';

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
    FROM settings(stage_duration.options, stage_duration.as_of) AS given (options)
    LEFT JOIN LATERAL date_span(stage_duration.during, given.options) AS span ON true
  ),
  -- the history is read once for each part, whatever is joined to the outcome; the parts are not
  -- materialized: lists that were stored would be packed, and unpacked for every row.
  -- A row that is not asked for may still end a visit, or go on with one: hence -step
  counted AS MATERIALIZED (
    SELECT part.part, times.steps
    FROM open_stage_part(stage_duration.as_of, 0.9) AS part
    CROSS JOIN LATERAL (
      SELECT stage_times_corrected(h.opportunity_id,
        CASE
          WHEN (stage_duration.during IS NULL
              OR h.changed_at >= (SELECT chosen.since FROM chosen) AND h.changed_at < (SELECT chosen.until FROM chosen))
            AND (stage_duration.person IS NULL
              OR h.owner_id IN (
                SELECT who.person_id
                FROM chosen
                CROSS JOIN LATERAL report_on(stage_duration.person, book_date(stage_duration.as_of, chosen.options)) AS who))
          THEN sorted_position(part.stages, h.stage_id)
          ELSE -sorted_position(part.stages, h.stage_id)
        END, h.changed_at, h.place, part.rules) AS steps
      FROM ledger_until(stage_duration.as_of) AS h
    ) AS times
  ),
  stay AS (
    SELECT open.stage_id, stay.*
    FROM counted
    CROSS JOIN LATERAL unnest(counted.steps) AS stay
    JOIN open_stage_step() AS open ON open.part = counted.part AND open.step = stay.step
  )
  SELECT p.code, p.name, s.code, s.name, s.position,
    coalesce(stay.visits, 0), coalesce(stay.open_visits, 0),
    stay.open_visits::float8 / nullif(stay.visits, 0),
    stay.all_median_days, stay.all_p90_days, stay.median_days, stay.p90_days
  FROM chosen
  CROSS JOIN stage AS s
  JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  LEFT JOIN stay ON stay.stage_id = s.stage_id
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
