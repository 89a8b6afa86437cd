-- From calls to wins: what each person did, what came of it, and in what proportion.

-- One row an event, the same for every report that follows a person from calls to wins.
-- An event is held work (call, discovery, proposal, meeting, other), a meeting that was
-- not held or of which nothing is known though its time has passed, a deal opened, or a
-- deal won.  A deal is opened by its first owner and won by its owner at the win.  Who is
-- asked about is an array known before anything is read: it reaches the index of activity.
CREATE FUNCTION sales_event(as_of timestamptz, person text, during daterange, options jsonb) RETURNS TABLE (
  person_id bigint, happened_on date, event text, source text, source_code text, at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT book_date(sales_event.as_of, sales_event.options) AS today, span.since, span.until,
      sales_event.options ->> 'time_zone' AS time_zone
    FROM date_span(sales_event.during, sales_event.options) AS span
  ),
  happened AS (
    SELECT a.person_id, (a.held_at AT TIME ZONE chosen.time_zone)::date AS happened_on,
      coalesce(k.counts_as, 'other') AS event, 'activity' AS source, a.code AS source_code, a.held_at AS at
    FROM chosen
    CROSS JOIN activity AS a
    JOIN activity_kind AS k ON k.activity_kind_id = a.activity_kind_id
    -- values known before they are read: the others are left out where they are read; IS TRUE
    -- keeps the planner from taking a span that it does not know for a short one
    WHERE (a.held_at >= (SELECT span.since FROM chosen AS span)) IS TRUE
      AND a.held_at < (SELECT span.until FROM chosen AS span)
      AND a.held_at <= sales_event.as_of
    UNION ALL
    SELECT a.person_id, (a.planned_for AT TIME ZONE chosen.time_zone)::date,
      CASE WHEN a.outcome = 'not_held' AND coalesce(a.called_off_at <= sales_event.as_of, true) THEN 'not_held' ELSE 'unreported' END, 'activity', a.code, a.planned_for
    FROM chosen
    JOIN activity AS a
      ON a.planned_for >= chosen.since AND a.planned_for < chosen.until AND a.planned_for <= sales_event.as_of
      AND (a.outcome <> 'held' OR a.held_at > sales_event.as_of)
    JOIN activity_kind AS k
      ON k.activity_kind_id = a.activity_kind_id AND k.counts_as IN ('discovery', 'proposal', 'meeting')
    UNION ALL
    SELECT o.owner_id, (o.created_at AT TIME ZONE chosen.time_zone)::date, 'opportunity', 'opportunity', o.code, o.created_at
    FROM chosen
    CROSS JOIN LATERAL opened_deal(sales_event.as_of, chosen.since, chosen.until) AS o
    UNION ALL
    SELECT deal.owner_id, deal.closed_on, 'won', 'opportunity', o.code, book_midnight(deal.closed_on, sales_event.options)
    FROM chosen
    CROSS JOIN LATERAL closed_deal(
      sales_event.as_of, sales_event.options || '{"win_rate_min_amount": 0}', sales_event.during, 'won') AS deal
    -- LEFT, as all have one: whoever asks for no code spares the look
    LEFT JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
    WHERE deal.closed_on <= chosen.today
  )
  SELECT happened.person_id, happened.happened_on, happened.event, happened.source, happened.source_code, happened.at
  FROM happened
  WHERE happened.person_id IS NOT NULL
    AND (sales_event.person IS NULL
      OR happened.person_id = ANY (ARRAY(
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(sales_event.person, chosen.today) AS who)));
END;
COMMENT ON FUNCTION sales_event(timestamptz, text, daterange, jsonb) IS
'What people did and what came of it, one row an event: held calls, meetings and other activities, meetings not held or not reported, deals opened, deals won; options as settings() gives them';

-- The period of a day: that of the table period, or the calendar's where it has none.
CREATE FUNCTION period_of(day date, kind text) RETURNS daterange
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT coalesce(
    (SELECT p.during::daterange FROM period AS p WHERE p.kind = period_of.kind AND p.during @> period_of.day),
    (SELECT daterange(start.day, (start.day + CASE period_of.kind WHEN 'month' THEN interval '1 month' ELSE interval '3 months' END)::date)
     FROM (SELECT date_trunc(period_of.kind, period_of.day::timestamp)::date AS day) AS start));
END;
COMMENT ON FUNCTION period_of(date, text) IS 'The fiscal month or quarter a day lies in; the calendar''s where the table period has none';

-- What a report is asked, said once.  Its default is whole periods: those that overlap the
-- last 365 days.  days are the first days of periods, and whatever days else another period
-- begins on; midnights are the instants they begin at: where an instant lies among them
-- says its period, without the date of each of millions.  Ten years are enough of them:
-- what is older goes by its own day.
CREATE FUNCTION ratio_calendar(as_of timestamptz, during daterange, options jsonb) RETURNS TABLE (
  options jsonb, kind text, during daterange, days date[], midnights timestamptz[])
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT asked.options, asked.kind, asked.during, turn.days, turn.midnights
  FROM (
    SELECT given.options, given.kind, span.during, edge.until, greatest(lower(span.during), edge.until - 3653) AS since
    FROM (
      SELECT merged.options, merged.options ->> 'ratio_period' AS kind, book_date(ratio_calendar.as_of, merged.options) AS today
      FROM settings(ratio_calendar.options, ratio_calendar.as_of) AS merged (options)
    ) AS given
    CROSS JOIN LATERAL (
      SELECT coalesce(ratio_calendar.during,
        daterange(lower(period_of(given.today - 364, given.kind)), given.today + 1)) AS during
      OFFSET 0
    ) AS span
    CROSS JOIN LATERAL (SELECT least(upper(span.during), given.today + 1) AS until) AS edge
    OFFSET 0
  ) AS asked
  CROSS JOIN LATERAL (
    SELECT array_agg(start.day ORDER BY start.day) AS days,
      array_agg(book_midnight(start.day, asked.options) ORDER BY start.day) AS midnights
    FROM (
      SELECT asked.since AS day
      UNION
      SELECT first.day::date
      FROM generate_series(
        CASE WHEN isfinite(asked.since) AND isfinite(asked.until) THEN date_trunc(asked.kind, asked.since::timestamp) END,
        asked.until::timestamp, CASE asked.kind WHEN 'month' THEN interval '1 month' ELSE interval '3 months' END) AS first (day)
      WHERE first.day > asked.since
      UNION
      SELECT bound.day
      FROM period AS p
      CROSS JOIN LATERAL (VALUES (lower(p.during)), (upper(p.during))) AS bound (day)
      WHERE p.kind = asked.kind AND bound.day > asked.since AND bound.day <= asked.until
    ) AS start
  ) AS turn;
END;
COMMENT ON FUNCTION ratio_calendar(timestamptz, daterange, jsonb) IS
'The settings, kind of period and span of activity_ratio, and the days of the last ten years of it on which a period begins or ends, with their midnights';

-- The events of a report, each with a day that stands for its period.
CREATE FUNCTION activity_ratio_event(
  as_of timestamptz, person text, during daterange, options jsonb, days date[], midnights timestamptz[]) RETURNS TABLE (
  person_id bigint, day date, event text, source text, source_code text, at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT e.person_id,
    coalesce(activity_ratio_event.days[width_bucket(e.at, activity_ratio_event.midnights)], e.happened_on),
    e.event, e.source, e.source_code, e.at
  FROM sales_event(
    activity_ratio_event.as_of, activity_ratio_event.person, activity_ratio_event.during, activity_ratio_event.options) AS e;
END;
COMMENT ON FUNCTION activity_ratio_event(timestamptz, text, daterange, jsonb, date[], timestamptz[]) IS
'The events of activity_ratio, each with a day of the month or quarter it counts in; during, options, days and midnights as ratio_calendar() gives them';

CREATE FUNCTION activity_ratio(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, period_from date, period_until date,
  activities int8, calls int8, meetings int8, discovery_meetings int8, opportunities int8, proposal_meetings int8, won int8,
  not_held int8, unreported int8,
  meetings_per_call float8, opportunities_per_meeting float8, proposals_per_discovery float8,
  proposals_per_opportunity float8, won_per_proposal float8, calls_per_won float8, activities_per_won float8,
  due_meetings int8, kept_rate float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT calendar.kind
    FROM ratio_calendar(activity_ratio.as_of, activity_ratio.during, activity_ratio.options) AS calendar
  ),
  -- counted once by their kind, and then as the columns: a row would be compared with each of them
  happened AS MATERIALIZED (
    SELECT e.person_id, e.day, e.event, count(*) AS n
    -- not from chosen: lists that were stored would be packed, and unpacked for every row
    FROM ratio_calendar(activity_ratio.as_of, activity_ratio.during, activity_ratio.options) AS asked
    CROSS JOIN LATERAL activity_ratio_event(
      activity_ratio.as_of, activity_ratio.person, asked.during, asked.options, asked.days, asked.midnights) AS e
    GROUP BY e.person_id, e.day, e.event
  ),
  calendar AS MATERIALIZED (
    SELECT day.day, period_of(day.day, chosen.kind) AS period
    FROM chosen
    CROSS JOIN (SELECT DISTINCT h.day FROM happened AS h) AS day
  ),
  counted AS (
    SELECT e.person_id, lower(calendar.period) AS period_from, upper(calendar.period) AS period_until,
      coalesce(sum(e.n) FILTER (WHERE e.event IN ('call', 'discovery', 'proposal', 'meeting', 'other')), 0)::int8 AS activities,
      coalesce(sum(e.n) FILTER (WHERE e.event = 'call'), 0)::int8 AS calls,
      coalesce(sum(e.n) FILTER (WHERE e.event IN ('discovery', 'proposal', 'meeting')), 0)::int8 AS meetings,
      coalesce(sum(e.n) FILTER (WHERE e.event = 'discovery'), 0)::int8 AS discovery_meetings,
      coalesce(sum(e.n) FILTER (WHERE e.event = 'opportunity'), 0)::int8 AS opportunities,
      coalesce(sum(e.n) FILTER (WHERE e.event = 'proposal'), 0)::int8 AS proposal_meetings,
      coalesce(sum(e.n) FILTER (WHERE e.event = 'won'), 0)::int8 AS won,
      coalesce(sum(e.n) FILTER (WHERE e.event = 'not_held'), 0)::int8 AS not_held,
      coalesce(sum(e.n) FILTER (WHERE e.event = 'unreported'), 0)::int8 AS unreported
    FROM happened AS e
    JOIN calendar ON calendar.day = e.day
    GROUP BY e.person_id, calendar.period
  )
  SELECT who.code, who.name, c.period_from, c.period_until,
    c.activities, c.calls, c.meetings, c.discovery_meetings, c.opportunities, c.proposal_meetings, c.won,
    c.not_held, c.unreported,
    c.meetings::float8 / nullif(c.calls, 0), c.opportunities::float8 / nullif(c.meetings, 0),
    c.proposal_meetings::float8 / nullif(c.discovery_meetings, 0), c.proposal_meetings::float8 / nullif(c.opportunities, 0),
    c.won::float8 / nullif(c.proposal_meetings, 0), c.calls::float8 / nullif(c.won, 0), c.activities::float8 / nullif(c.won, 0),
    c.meetings + c.not_held, c.meetings::float8 / nullif(c.meetings + c.not_held, 0)
  FROM counted AS c
  JOIN person AS who ON who.person_id = c.person_id;
END;
COMMENT ON FUNCTION activity_ratio(timestamptz, text, daterange, jsonb) IS
'Calls, meetings, deals opened, proposals and wins of each person by month or quarter (setting ratio_period), and their proportions; during: the day of each, by default the periods that overlap the last 365 days';

CREATE VIEW activity_ratio WITH (security_invoker) AS
SELECT *
FROM activity_ratio();
COMMENT ON VIEW activity_ratio IS 'How many calls make a meeting, how many meetings a deal, and how much work a win, for each person and month?';
COMMENT ON COLUMN activity_ratio.person IS 'Code of the person';
COMMENT ON COLUMN activity_ratio.person_name IS 'Name of the person';
COMMENT ON COLUMN activity_ratio.period_from IS 'First day of the month or quarter';
COMMENT ON COLUMN activity_ratio.period_until IS 'Day after its last';
COMMENT ON COLUMN activity_ratio.activities IS 'Activities held, of any kind';
COMMENT ON COLUMN activity_ratio.calls IS 'Calls held: kinds of activity that count as call';
COMMENT ON COLUMN activity_ratio.meetings IS 'Meetings held: kinds that count as discovery, proposal or meeting';
COMMENT ON COLUMN activity_ratio.discovery_meetings IS 'Discovery meetings among them';
COMMENT ON COLUMN activity_ratio.opportunities IS 'Deals created, by their first owner';
COMMENT ON COLUMN activity_ratio.proposal_meetings IS 'Proposal meetings held';
COMMENT ON COLUMN activity_ratio.won IS 'Deals won, by the owner at the win';
COMMENT ON COLUMN activity_ratio.not_held IS 'Meetings planned for the period that were not held';
COMMENT ON COLUMN activity_ratio.unreported IS 'Meetings whose time has passed and of which nothing is known yet';
COMMENT ON COLUMN activity_ratio.meetings_per_call IS 'meetings / calls';
COMMENT ON COLUMN activity_ratio.opportunities_per_meeting IS 'opportunities / meetings';
COMMENT ON COLUMN activity_ratio.proposals_per_discovery IS 'proposal_meetings / discovery_meetings';
COMMENT ON COLUMN activity_ratio.proposals_per_opportunity IS 'proposal_meetings / opportunities';
COMMENT ON COLUMN activity_ratio.won_per_proposal IS 'won / proposal_meetings; of the same period, whichever proposal the win came of';
COMMENT ON COLUMN activity_ratio.calls_per_won IS 'calls / won';
COMMENT ON COLUMN activity_ratio.activities_per_won IS 'activities / won: how much work a deal takes';
COMMENT ON COLUMN activity_ratio.due_meetings IS 'meetings + not_held';
COMMENT ON COLUMN activity_ratio.kept_rate IS 'meetings / due_meetings, 0..1';

CREATE FUNCTION activity_ratio_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT *
    FROM ratio_calendar(activity_ratio_evidence.as_of, activity_ratio_evidence.during, activity_ratio_evidence.options)
  ),
  happened AS MATERIALIZED (
    SELECT e.*
    FROM chosen
    CROSS JOIN LATERAL activity_ratio_event(activity_ratio_evidence.as_of, activity_ratio_evidence.person,
      chosen.during, chosen.options, chosen.days, chosen.midnights) AS e
  ),
  calendar AS MATERIALIZED (
    SELECT day.day, period_of(day.day, chosen.kind) AS period
    FROM chosen
    CROSS JOIN (SELECT DISTINCT h.day FROM happened AS h) AS day
  )
  SELECT who.code, lower(calendar.period), upper(calendar.period), counts.figure, e.source, e.source_code, e.at, 1
  FROM happened AS e
  JOIN calendar ON calendar.day = e.day
  JOIN (VALUES
    ('call', 'activities'), ('discovery', 'activities'), ('proposal', 'activities'), ('meeting', 'activities'), ('other', 'activities'),
    ('call', 'calls'), ('discovery', 'meetings'), ('proposal', 'meetings'), ('meeting', 'meetings'),
    ('discovery', 'discovery_meetings'), ('opportunity', 'opportunities'), ('proposal', 'proposal_meetings'), ('won', 'won'),
    ('not_held', 'not_held'), ('unreported', 'unreported'),
    ('discovery', 'due_meetings'), ('proposal', 'due_meetings'), ('meeting', 'due_meetings'), ('not_held', 'due_meetings')
  ) AS counts (event, figure) ON counts.event = e.event
  JOIN person AS who ON who.person_id = e.person_id;
END;
COMMENT ON FUNCTION activity_ratio_evidence(timestamptz, text, daterange, jsonb) IS
'The activities and deals that each figure of activity_ratio counted';
