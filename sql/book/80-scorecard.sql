-- A rep's results in one score: every KPI against its target, then the composite.

-- Role, weights and bands are those of the last day that counts.
CREATE FUNCTION scorecard_span(during daterange, today date)
RETURNS TABLE (span daterange, elapsed daterange, day date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT part.span, part.elapsed, coalesce(upper(part.elapsed) - 1, today)
  FROM (
    SELECT whole.span,
      CASE
        WHEN isfinite(lower(whole.span))
        THEN whole.span * daterange(NULL, today, '[]')
        ELSE whole.span * daterange(least((SELECT min(lower(e.during)) FROM employment AS e), today + 1), today + 1)
      END AS elapsed
    FROM (SELECT coalesce(scorecard_span.during, reporting_quarter(today)) AS span) AS whole
    -- no days, no scorecard
    WHERE NOT isempty(whole.span)
  ) AS part;
END;
COMMENT ON FUNCTION scorecard_span(daterange, date) IS
'The period of a scorecard, the days of it that have passed (empty for one to come), and the last of them';

CREATE FUNCTION rep_scorecard_kpi(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, period_from date, period_until date,
  metric text, metric_name text, unit text, higher_is_better boolean, actual float8, successes bigint, n bigint,
  peer_rate float8, shrunk_rate float8, target float8, attainment float8, weight float8,
  scored_attainment float8, contribution float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH called AS MATERIALIZED (
    SELECT settings(options, as_of) AS options
  ),
  given AS MATERIALIZED (
    SELECT called.options, s.span, s.elapsed, s.day, today.day AS today,
      score_options(
        cap => (called.options ->> 'score_cap')::float8,
        min_coverage => (called.options ->> 'score_min_coverage')::float8) AS scoring
    FROM called
    CROSS JOIN LATERAL book_date(as_of, called.options) AS today (day)
    CROSS JOIN LATERAL scorecard_span(rep_scorecard_kpi.during, today.day) AS s
  ),
  rep AS (
    SELECT job.person_id, job.specialty,
      given.day - first_job.day < (given.options ->> 'peer_new_days')::numeric AS is_new
    FROM given
    JOIN employment AS job ON job.role = 'rep' AND job.during @> given.day
    JOIN (
      SELECT e.person_id, min(lower(e.during)) AS day
      FROM employment AS e
      GROUP BY e.person_id
    ) AS first_job ON first_job.person_id = job.person_id
  ),
  result AS MATERIALIZED (
    SELECT a.*
    FROM given
    CROSS JOIN LATERAL kpi_actual(as_of, given.elapsed, given.options) AS a
    WHERE NOT isempty(given.elapsed)
  ),
  goal AS MATERIALIZED (
    SELECT t.*
    FROM given
    CROSS JOIN LATERAL kpi_target(as_of, given.elapsed, given.options) AS t
    WHERE NOT isempty(given.elapsed)
  ),
  -- the rates of all reps, whoever is asked about: a rep's peers are everywhere
  figure AS (
    SELECT rep.person_id, m.metric_id, w.weight::float8 AS weight,
      -- nothing booked, won or held is 0; no case, and nothing imported, is no figure
      CASE WHEN is_computed(m.code) AND adds_up(m.code, m.unit) OR counted.metric_id IS NOT NULL
        THEN coalesce(result.actual, 0)
        ELSE result.actual
      END AS actual,
      result.successes, coalesce(result.n, 0) AS n, goal.target::float8 AS target,
      CASE WHEN count(*) OVER peers >= (given.options ->> 'peer_min_people')::numeric
        THEN sum(result.successes) OVER peers / nullif(sum(result.n) OVER peers, 0)
      END AS peers_rate,
      sum(result.successes) OVER company / nullif(sum(result.n) OVER company, 0) AS company_rate
    FROM given
    CROSS JOIN rep
    JOIN kpi_weight AS w ON w.role = 'rep' AND w.during @> given.day
    JOIN metric AS m ON m.metric_id = w.metric_id
    LEFT JOIN (SELECT DISTINCT k.metric_id FROM activity_kind AS k) AS counted ON counted.metric_id = m.metric_id
    LEFT JOIN result ON result.person_id = rep.person_id AND result.metric_id = m.metric_id
    LEFT JOIN goal ON goal.person_id = rep.person_id AND goal.metric_id = m.metric_id
    WINDOW peers AS (PARTITION BY m.metric_id, rep.specialty, rep.is_new),
      company AS (PARTITION BY m.metric_id)
  ),
  fair AS (
    SELECT figure.*,
      coalesce(figure.peers_rate, figure.company_rate)::float8 AS peer_rate,
      CASE WHEN figure.successes IS NOT NULL AND figure.n > 0 THEN shrunk_rate(figure.successes, figure.n,
        coalesce(figure.peers_rate, figure.company_rate)::float8, (given.options ->> 'shrink_prior_n')::float8)
      END AS shrunk
    FROM given
    CROSS JOIN figure
    -- an array, known before: a join would ask anew for each figure
    WHERE figure.person_id = ANY (ARRAY(
      SELECT r.person_id
      FROM given AS asked
      CROSS JOIN LATERAL report_on(rep_scorecard_kpi.person, asked.today) AS r))
  ),
  -- a rep's parts add up to the score of rep_scorecard, to its last digit
  scored AS MATERIALIZED (
    SELECT card.person_id, part.kpi AS metric, part.attainment, part.contribution
    FROM (
      SELECT fair.person_id,
        rep_score_parts(m.code, coalesce(fair.shrunk, fair.actual), fair.target, fair.weight, m.higher_is_better, given.scoring) AS parts
      FROM given
      CROSS JOIN fair
      JOIN metric AS m ON m.metric_id = fair.metric_id
      GROUP BY fair.person_id
    ) AS card
    CROSS JOIN LATERAL unnest(card.parts) AS part
  )
  SELECT who.code, who.name, nullif(lower(given.span), '-infinity'), nullif(upper(given.span), 'infinity'),
    m.code, m.name, m.unit, m.higher_is_better, fair.actual, fair.successes, fair.n,
    fair.peer_rate, fair.shrunk, fair.target,
    1 + CASE WHEN m.higher_is_better THEN 1 ELSE -1 END
      * (fair.actual - fair.target) / nullif(abs(fair.target), 0),
    fair.weight, scored.attainment, scored.contribution
  FROM given
  CROSS JOIN fair
  JOIN person AS who ON who.person_id = fair.person_id
  JOIN metric AS m ON m.metric_id = fair.metric_id
  JOIN scored ON scored.person_id = fair.person_id AND scored.metric = m.code;
END;
COMMENT ON FUNCTION rep_scorecard_kpi(timestamptz, text, daterange, jsonb) IS
'Each weighted metric of each rep against the target for the days that have passed of during, by default the quarter';

CREATE VIEW rep_scorecard_kpi WITH (security_invoker) AS
SELECT *
FROM rep_scorecard_kpi();
COMMENT ON VIEW rep_scorecard_kpi IS 'What makes up the score of each rep: which targets are met, and which are not?';
COMMENT ON COLUMN rep_scorecard_kpi.person IS 'Code of the rep';
COMMENT ON COLUMN rep_scorecard_kpi.person_name IS 'Name of the rep';
COMMENT ON COLUMN rep_scorecard_kpi.period_from IS 'First day of the period';
COMMENT ON COLUMN rep_scorecard_kpi.period_until IS 'Day after the last of the period';
COMMENT ON COLUMN rep_scorecard_kpi.metric IS 'Code of the metric';
COMMENT ON COLUMN rep_scorecard_kpi.metric_name IS 'Name of the metric';
COMMENT ON COLUMN rep_scorecard_kpi.unit IS 'money, count, rate (0..1), days or hours';
COMMENT ON COLUMN rep_scorecard_kpi.higher_is_better IS 'Whether more is better';
COMMENT ON COLUMN rep_scorecard_kpi.actual IS 'What was reached in the period so far; a rate as it is, which is the one to tell the rep';
COMMENT ON COLUMN rep_scorecard_kpi.successes IS 'Numerator of a rate of counted cases';
COMMENT ON COLUMN rep_scorecard_kpi.n IS 'Cases the figure rests on';
COMMENT ON COLUMN rep_scorecard_kpi.peer_rate IS 'Rate of the peers: same specialty, both new or neither; of all reps where these are too few; the rep is one of them';
COMMENT ON COLUMN rep_scorecard_kpi.shrunk_rate IS 'The rate pulled toward the peers'' by setting shrink_prior_n: it is what is scored, and for comparing reps only';
COMMENT ON COLUMN rep_scorecard_kpi.target IS 'What was to be reached by now: of a plan''s target or a norm that adds up, the part due by working days';
COMMENT ON COLUMN rep_scorecard_kpi.attainment IS '1 + (actual - target) / |target|, the other way round where less is better; empty for a target of 0';
COMMENT ON COLUMN rep_scorecard_kpi.weight IS 'Weight of the metric';
COMMENT ON COLUMN rep_scorecard_kpi.scored_attainment IS 'Attainment as scored: of the shrunk rate, at least 0, at most setting score_cap; empty where actual or target is missing';
COMMENT ON COLUMN rep_scorecard_kpi.contribution IS 'Points of the score that it gives; over the metrics of a rep they add up to the score, to its last digit; empty without a score';

CREATE FUNCTION rep_scorecard(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, manager text, period_from date, period_until date,
  score float8, rating int, rating_name text, previous_rating int, coverage float8, kpis bigint, kpis_missing bigint,
  bookings_attainment float8, deals_won_attainment float8, win_rate_attainment float8,
  deal_size_attainment float8, cycle_days_attainment float8, activity_attainment float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH called AS MATERIALIZED (
    SELECT settings(options, as_of) AS options
  ),
  given AS MATERIALIZED (
    SELECT called.options, s.span, s.day, today.day AS today,
      score_options(
        cap => (called.options ->> 'score_cap')::float8,
        min_coverage => (called.options ->> 'score_min_coverage')::float8) AS scoring
    FROM called
    CROSS JOIN LATERAL book_date(as_of, called.options) AS today (day)
    CROSS JOIN LATERAL scorecard_span(rep_scorecard.during, today.day) AS s
  ),
  band AS (
    SELECT array_agg(b.lower_bound ORDER BY b.rating) AS bounds
    FROM given
    JOIN rating_band AS b ON b.during @> given.day
    HAVING count(*) = 3
  ),
  previous AS (
    SELECT DISTINCT ON (r.person_id) r.person_id, r.rating
    FROM given
    JOIN rating AS r ON r.rated_at <= as_of AND lower(r.during) < lower(given.span)
    ORDER BY r.person_id, upper(r.during) DESC, r.rated_at DESC, r.rating_id DESC
  ),
  card AS MATERIALIZED (
    SELECT k.person,
      rep_score(coalesce(k.shrunk_rate, k.actual), k.target, k.weight, k.higher_is_better, given.scoring) AS result,
      max(k.attainment) FILTER (WHERE k.metric = 'bookings') AS bookings,
      max(k.attainment) FILTER (WHERE k.metric = 'deals_won') AS deals_won,
      max(k.attainment) FILTER (WHERE k.metric = 'win_rate') AS win_rate,
      max(k.attainment) FILTER (WHERE k.metric = 'deal_size') AS deal_size,
      max(k.attainment) FILTER (WHERE k.metric = 'cycle_days') AS cycle_days,
      -- summed exactly, whatever the order
      (sum((k.weight * k.scored_attainment)::numeric) FILTER (WHERE counted.metric_id IS NOT NULL)
        / nullif(sum(k.weight::numeric) FILTER (WHERE counted.metric_id IS NOT NULL AND k.scored_attainment IS NOT NULL), 0))::float8
        AS activity
    FROM given
    CROSS JOIN rep_scorecard_kpi(as_of, rep_scorecard.person, rep_scorecard.during, options) AS k
    JOIN metric AS m ON m.code = k.metric
    LEFT JOIN (SELECT DISTINCT kind.metric_id FROM activity_kind AS kind) AS counted ON counted.metric_id = m.metric_id
    GROUP BY k.person
  ),
  rated AS (
    SELECT job.person_id, who.code, who.name, card.*, previous.rating AS previous_rating,
      rating((card.result).score, band.bounds, previous.rating, (given.options ->> 'rating_margin')::float8) AS rating
    FROM given
    JOIN employment AS job ON job.role = 'rep' AND job.during @> given.day
    JOIN person AS who ON who.person_id = job.person_id
    LEFT JOIN band ON true
    LEFT JOIN card ON card.person = who.code
    LEFT JOIN previous ON previous.person_id = job.person_id
    -- an array, known before: a join would ask anew for each rep who is below
    WHERE job.person_id = ANY (ARRAY(
      SELECT r.person_id
      FROM given AS asked
      CROSS JOIN LATERAL report_on(rep_scorecard.person, asked.today) AS r))
  )
  SELECT rated.code, rated.name, boss.code, nullif(lower(given.span), '-infinity'), nullif(upper(given.span), 'infinity'),
    (rated.result).score, rated.rating, name.name, rated.previous_rating,
    (rated.result).coverage, coalesce((rated.result).n, 0), coalesce((rated.result).missing, 0),
    rated.bookings, rated.deals_won, rated.win_rate, rated.deal_size, rated.cycle_days, rated.activity
  FROM given
  CROSS JOIN rated
  LEFT JOIN rating_band AS name ON name.rating = rated.rating AND name.during @> given.day
  LEFT JOIN reporting_line AS line ON line.person_id = rated.person_id AND line.during @> given.day
  LEFT JOIN person AS boss ON boss.person_id = line.manager_id;
END;
COMMENT ON FUNCTION rep_scorecard(timestamptz, text, daterange, jsonb) IS
'The score and rating of each rep over the days that have passed of during, by default the quarter; rep_scorecard_kpi has its parts';

CREATE VIEW rep_scorecard WITH (security_invoker) AS
SELECT *
FROM rep_scorecard();
COMMENT ON VIEW rep_scorecard IS 'How is each rep doing over all that was asked of them, and is that better or worse than before?';
COMMENT ON COLUMN rep_scorecard.person IS 'Code of the rep';
COMMENT ON COLUMN rep_scorecard.person_name IS 'Name of the rep';
COMMENT ON COLUMN rep_scorecard.manager IS 'Code of the manager on the last day that counts';
COMMENT ON COLUMN rep_scorecard.period_from IS 'First day of the period';
COMMENT ON COLUMN rep_scorecard.period_until IS 'Day after the last of the period';
COMMENT ON COLUMN rep_scorecard.score IS '100 times the weighted mean attainment, 100 being every target met; empty where too little of the weight has data (setting score_min_coverage)';
COMMENT ON COLUMN rep_scorecard.rating IS '1 missed the targets to 4 exceeded them, by rating_band; empty without score or bands';
COMMENT ON COLUMN rep_scorecard.rating_name IS 'Name of the rating; 1 has none';
COMMENT ON COLUMN rep_scorecard.previous_rating IS 'Newest rating given for an earlier period; a bound is passed from it only by setting rating_margin';
COMMENT ON COLUMN rep_scorecard.coverage IS 'Share of the weight that has data';
COMMENT ON COLUMN rep_scorecard.kpis IS 'Metrics that count';
COMMENT ON COLUMN rep_scorecard.kpis_missing IS 'Metrics without an actual or a target';
COMMENT ON COLUMN rep_scorecard.bookings_attainment IS 'Attainment of bookings; like those that follow, empty where the metric has no weight';
COMMENT ON COLUMN rep_scorecard.deals_won_attainment IS 'Attainment of deals won';
COMMENT ON COLUMN rep_scorecard.win_rate_attainment IS 'Attainment of the win rate as it is';
COMMENT ON COLUMN rep_scorecard.deal_size_attainment IS 'Attainment of the average deal won';
COMMENT ON COLUMN rep_scorecard.cycle_days_attainment IS 'Attainment of the median days to a win: above 1 where faster';
COMMENT ON COLUMN rep_scorecard.activity_attainment IS 'Weighted mean of the scored attainments of all activities';
