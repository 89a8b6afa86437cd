-- Before a period: what its quota asks of calls and meetings, at the rep's own rates, beyond
-- what is booked and open.

-- As quota_attainment eases a quota: by the days in the job, each weighed by its ramp factor.
CREATE FUNCTION quota_asked(as_of timestamptz, during daterange, person text, options jsonb)
RETURNS TABLE (person_id bigint, during daterange, quota numeric, effective_quota numeric, effective_days numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT book_date(quota_asked.as_of, quota_asked.options) AS today
  ),
  asked AS MATERIALIZED (
    SELECT t.person_id, t.during, sum(t.target) AS quota, upper(t.during) - lower(t.during) AS days
    FROM given
    CROSS JOIN LATERAL target_in_force(quota_asked.as_of, given.today) AS t
    WHERE t.kind = 'quota'
      AND t.metric = 'bookings'
      AND NOT t.handed_down
      AND CASE
        WHEN quota_asked.during IS NULL THEN t.during @> given.today
        ELSE t.during && quota_asked.during
      END
      AND t.person_id IN (
        SELECT who.person_id
        FROM given AS day
        CROSS JOIN LATERAL report_on(quota_asked.person, day.today) AS who)
    GROUP BY t.person_id, t.during
  ),
  seat AS MATERIALIZED (
    SELECT span.during, held.person_id, held.full_days
    FROM given
    CROSS JOIN (SELECT DISTINCT a.during FROM asked AS a) AS span
    CROSS JOIN LATERAL days_in_seat(span.during, given.today) AS held
    WHERE (quota_asked.options ->> 'quota_effective')::boolean
  )
  SELECT asked.person_id, asked.during, asked.quota,
    CASE WHEN seat.full_days IS NULL THEN asked.quota ELSE asked.quota * seat.full_days / asked.days END,
    coalesce(seat.full_days, asked.days)
  FROM asked
  LEFT JOIN seat ON seat.person_id = asked.person_id AND seat.during = asked.during;
END;
COMMENT ON FUNCTION quota_asked(timestamptz, daterange, text, jsonb) IS
'The quotas of the people a report is about, as told and as the ramp and the days in the job ease them: of the periods that overlap during, or else contain as_of; options as settings() gives them';

-- What somebody did in the days looked back on, and what came of it.  An activity
-- of a metric that never is about a deal leads to none.
CREATE FUNCTION conversion_case(as_of timestamptz, options jsonb)
RETURNS TABLE (person_id bigint, metric_id bigint, leads_on boolean, source text, id bigint, at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT book_midnight(
      book_date(conversion_case.as_of, conversion_case.options) + 1 - (conversion_case.options ->> 'plan_check_days')::numeric::int,
      conversion_case.options) AS since
  ),
  held AS MATERIALIZED (
    SELECT a.person_id, kind.metric_id, a.activity_id, a.held_at, a.opportunity_id
    FROM given
    JOIN activity AS a ON a.held_at >= given.since AND a.held_at <= conversion_case.as_of
    JOIN activity_kind AS kind ON kind.activity_kind_id = a.activity_kind_id
    WHERE kind.metric_id IS NOT NULL
  ),
  -- without a single link nothing can be told apart
  linked AS (
    SELECT h.metric_id,
      count(h.opportunity_id) > 0 OR NOT EXISTS (SELECT FROM held AS any_held WHERE any_held.opportunity_id IS NOT NULL) AS leads_on
    FROM held AS h
    GROUP BY h.metric_id
  )
  SELECT held.person_id, held.metric_id, linked.leads_on, 'activity', held.activity_id, held.held_at
  FROM held
  JOIN linked ON linked.metric_id = held.metric_id
  UNION ALL
  SELECT opened.owner_id, NULL, true, 'opportunity', opened.opportunity_id, opened.created_at
  FROM given
  CROSS JOIN LATERAL opened_deal(conversion_case.as_of, given.since, 'infinity') AS opened;
END;
COMMENT ON FUNCTION conversion_case(timestamptz, jsonb) IS
'The activities held and, without a metric, the deals opened by their first owner in the days (setting plan_check_days) up to as_of; leads_on: not of a metric that never is about a deal; options as settings() gives them';

CREATE FUNCTION shrunk_bounds(successes int8, n int8, prior_rate float8, prior_n float8, confidence float8)
RETURNS TABLE (rate float8, rate_lower float8, rate_upper float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT shrunk_rate(successes, n, prior_rate, prior_n),
    shrunk_lower(successes, n, prior_rate, prior_n, confidence), shrunk_upper(successes, n, prior_rate, prior_n, confidence);
END;
COMMENT ON FUNCTION shrunk_bounds(int8, int8, float8, float8, float8) IS
'shrunk_rate, shrunk_lower and shrunk_upper';

CREATE FUNCTION activities_needed(amount numeric, deal_size numeric, win_rate float8, per_activity float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE
    -- whatever the rates
    WHEN amount <= 0 THEN 0
    -- returns alone bring nothing, however many
    WHEN deal_size > 0 THEN amount::float8 / deal_size::float8 / nullif(win_rate * per_activity, 0)
  END;
END;
COMMENT ON FUNCTION activities_needed(numeric, numeric, float8, float8) IS
'How many activities bring an amount: amount / deal size / win rate / deals per activity; NULL where a rate is unknown or 0, or the deal size not above 0';

CREATE FUNCTION plan_check(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, period_from date, period_until date, metric text, metric_name text,
  quota numeric, effective_quota numeric, booked numeric,
  open_deals int8, open_uncredited int8, open_pipeline numeric, weighted_pipeline numeric,
  new_business numeric, new_business_min numeric, new_business_max numeric,
  won int8, won_amount numeric, deal_size numeric, wins_needed float8,
  closed int8, win_rate float8, shrunk_win_rate float8, deals_needed float8,
  deals_opened int8, activities int8, deals_per_activity float8, shrunk_deals_per_activity float8,
  needed float8, needed_lower float8, needed_upper float8, gross_needed float8, working_days int8, working_days_left int8,
  needed_week float8, needed_week_lower float8, needed_week_upper float8, gross_needed_week float8,
  planned numeric, norm float8, planned_week float8, gap_week float8, verdict text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, 1 - (given.options ->> 'confidence')::float8 AS doubt,
      (given.options ->> 'shrink_prior_n')::float8 AS prior_n
    FROM settings(plan_check.options, plan_check.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(plan_check.as_of, given.options) AS today (today)
  ),
  asked AS MATERIALIZED (
    SELECT q.person_id, q.during, q.quota, q.effective_quota
    FROM (
      SELECT t.*, dense_rank() OVER (
        PARTITION BY t.person_id
        ORDER BY lower(t.during) <= chosen.today, abs(lower(t.during) - chosen.today)) AS place
      FROM chosen
      CROSS JOIN LATERAL quota_asked(plan_check.as_of,
        coalesce(plan_check.during, daterange(chosen.today, NULL)), plan_check.person, chosen.options) AS t
    ) AS q
    -- by default the next period of each, or the present one where the next has no quota yet
    WHERE plan_check.during IS NOT NULL OR q.place = 1
  ),
  booked AS MATERIALIZED (
    SELECT asked.person_id, asked.during, sum(b.amount) AS amount
    FROM chosen
    CROSS JOIN asked
    CROSS JOIN LATERAL credited_to(
      asked.person_id, lower(asked.during), least(upper(asked.during), chosen.today + 1)) AS b
    GROUP BY asked.person_id, asked.during
  ),
  -- of each deal comes its amount, or nothing; of a certain one its amount
  pipeline AS MATERIALIZED (
    SELECT asked.person_id, asked.during, count(*) AS deals,
      count(*) FILTER (WHERE d.amount IS NULL OR d.probability IS NULL) AS uncredited,
      sum(d.amount) AS amount, sum(d.amount * d.probability::numeric) AS weighted,
      sum(CASE WHEN d.probability < 1 THEN least(d.amount, 0) ELSE d.amount END) FILTER (WHERE d.probability > 0) AS least_amount,
      sum(CASE WHEN d.probability < 1 THEN greatest(d.amount, 0) ELSE d.amount END) FILTER (WHERE d.probability > 0) AS most_amount,
      coalesce(sum(d.amount * d.amount) FILTER (WHERE d.probability > 0 AND d.probability < 1), 0) AS squares
    FROM chosen
    CROSS JOIN LATERAL likely_deal(plan_check.as_of, chosen.options) AS d
    JOIN asked ON asked.person_id = d.owner_id AND asked.during @> d.expected_close
    GROUP BY asked.person_id, asked.during
  ),
  -- Two rates, and what comes of the open deals if that is uncertain: each at such a confidence that
  -- all hold together at the one asked for.
  credit AS MATERIALIZED (
    SELECT asked.person_id, asked.during, coalesce(booked.amount, 0) AS booked,
      coalesce(pipeline.deals, 0) AS deals, coalesce(pipeline.uncredited, 0) AS uncredited,
      coalesce(pipeline.amount, 0) AS amount, coalesce(pipeline.weighted, 0) AS weighted,
      coalesce(greatest(pipeline.least_amount, pipeline.weighted - spread.amount), 0) AS weighted_lower,
      coalesce(least(pipeline.most_amount, pipeline.weighted + spread.amount), 0) AS weighted_upper,
      uncertain.doubt
    FROM chosen
    CROSS JOIN asked
    LEFT JOIN booked ON booked.person_id = asked.person_id AND booked.during = asked.during
    LEFT JOIN pipeline ON pipeline.person_id = asked.person_id AND pipeline.during = asked.during
    CROSS JOIN LATERAL (
      SELECT chosen.doubt / CASE WHEN pipeline.squares > 0 THEN 3 ELSE 2 END
    ) AS uncertain (doubt)
    -- Hoeffding: off its mean by so much, to one side, with a probability of half the doubt at most
    CROSS JOIN LATERAL (
      SELECT sqrt(pipeline.squares::float8 * ln(2 / nullif(uncertain.doubt, 0)) / 2)::numeric
    ) AS spread (amount)
  ),
  won AS MATERIALIZED (
    SELECT deal.owner_id, count(*) FILTER (WHERE deal.won) AS won, count(*) AS closed,
      count(deal.amount) FILTER (WHERE deal.won) AS sized, sum(deal.amount) FILTER (WHERE deal.won) AS amount
    FROM chosen
    CROSS JOIN LATERAL closed_deal(plan_check.as_of, chosen.options, daterange(
      chosen.today + 1 - greatest((chosen.options ->> 'plan_check_days')::numeric::int, 0), chosen.today + 1)) AS deal
    WHERE deal.owner_id IS NOT NULL
    GROUP BY deal.owner_id
  ),
  -- what is known of all who closed a deal, to shrink toward
  peers AS MATERIALIZED (
    SELECT sum(won.amount) / nullif(sum(won.sized), 0) AS size,
      coalesce((rate_prior(won.won, won.closed)).prior_rate, (sum(won.won) / nullif(sum(won.closed), 0))::float8) AS rate,
      coalesce((rate_prior(won.won, won.closed)).prior_n, min(chosen.prior_n)) AS rate_n
    FROM chosen
    CROSS JOIN won
  ),
  happened AS MATERIALIZED (
    SELECT c.person_id, c.metric_id, c.leads_on, count(*) AS cases
    FROM chosen
    CROSS JOIN LATERAL conversion_case(plan_check.as_of, chosen.options) AS c
    GROUP BY c.person_id, c.metric_id, c.leads_on
  ),
  -- Of an activity and a deal, which is it?  The odds of the deal are deals per activity.
  tried AS (
    SELECT done.person_id, done.metric_id, coalesce(opened.cases, 0) AS opened, done.cases AS activities
    FROM happened AS done
    LEFT JOIN happened AS opened ON opened.person_id = done.person_id AND opened.metric_id IS NULL
    WHERE done.metric_id IS NOT NULL
  ),
  -- of what nobody has done yet, nothing is known, and that is said
  tried_peers AS MATERIALIZED (
    SELECT counts.metric_id,
      coalesce((rate_prior(tried.opened, tried.opened + tried.activities)).prior_rate,
        (sum(tried.opened) / nullif(sum(tried.opened + tried.activities), 0))::float8) AS rate,
      coalesce((rate_prior(tried.opened, tried.opened + tried.activities)).prior_n, min(chosen.prior_n)) AS rate_n
    FROM chosen
    CROSS JOIN (
      SELECT DISTINCT kind.metric_id
      FROM activity_kind AS kind
      WHERE kind.metric_id IS NOT NULL
        AND kind.metric_id NOT IN (SELECT h.metric_id FROM happened AS h WHERE NOT h.leads_on)
    ) AS counts
    LEFT JOIN tried ON tried.metric_id = counts.metric_id
    GROUP BY counts.metric_id
  ),
  present AS MATERIALIZED (
    SELECT asked.person_id, asked.during, count(*) AS days, count(*) FILTER (WHERE worked.day > chosen.today) AS days_left
    FROM (SELECT min(lower(a.during)) AS since, max(upper(a.during)) AS until FROM asked AS a HAVING count(*) > 0) AS hull
    CROSS JOIN chosen
    CROSS JOIN LATERAL working_day(daterange(hull.since, hull.until), chosen.today) AS worked
    JOIN asked ON asked.person_id = worked.person_id AND asked.during @> worked.day
    GROUP BY asked.person_id, asked.during
  ),
  standard AS MATERIALIZED (
    SELECT asked.person_id, asked.during, n.metric_id, sum(n.norm) AS norm
    FROM (SELECT min(lower(a.during)) AS since, max(upper(a.during)) AS until FROM asked AS a HAVING count(*) > 0) AS hull
    CROSS JOIN chosen
    CROSS JOIN LATERAL norm_day(daterange(hull.since, hull.until), chosen.options, chosen.today) AS n
    JOIN asked ON asked.person_id = n.person_id AND asked.during @> n.day
    WHERE n.present
    GROUP BY asked.person_id, asked.during, n.metric_id
  ),
  plan_says AS MATERIALIZED (
    SELECT t.person_id, t.during, m.metric_id, sum(t.target) AS target
    FROM chosen
    CROSS JOIN LATERAL target_in_force(plan_check.as_of, chosen.today) AS t
    JOIN metric AS m ON m.code = t.metric
    WHERE NOT t.handed_down
      AND t.during = ANY (ARRAY(SELECT DISTINCT a.during FROM asked AS a))
    GROUP BY t.person_id, t.during, m.metric_id
  ),
  need AS (
    SELECT asked.person_id, asked.during, asked.quota, asked.effective_quota, peer.metric_id,
      credit.booked, credit.deals AS open_deals, credit.uncredited, credit.amount AS open_amount, credit.weighted,
      greatest(asked.effective_quota - credit.booked - credit.weighted, 0) AS new_business,
      greatest(asked.effective_quota - credit.booked - credit.weighted_upper, 0) AS new_lower,
      greatest(asked.effective_quota - credit.booked - credit.weighted_lower, 0) AS new_upper,
      coalesce(won.won, 0) AS won, coalesce(won.closed, 0) AS closed, coalesce(won.amount, 0) AS amount,
      size.size,
      win.rate AS win_rate, win.rate_lower AS win_lower, win.rate_upper AS win_upper,
      coalesce(tried.opened, opened.cases, 0) AS opened, coalesce(tried.activities, 0) AS activities,
      odds.mid / nullif(1 - odds.mid, 0) AS per_activity,
      odds.lower / nullif(1 - odds.lower, 0) AS per_lower,
      -- there may be no end to it: then as little as nothing is needed
      CASE WHEN odds.upper = 1 THEN 'Infinity' ELSE odds.upper / (1 - odds.upper) END AS per_upper
    FROM chosen
    CROSS JOIN asked
    JOIN credit ON credit.person_id = asked.person_id AND credit.during = asked.during
    CROSS JOIN peers
    CROSS JOIN tried_peers AS peer
    LEFT JOIN won ON won.owner_id = asked.person_id
    LEFT JOIN tried ON tried.person_id = asked.person_id AND tried.metric_id = peer.metric_id
    LEFT JOIN happened AS opened ON opened.person_id = asked.person_id AND opened.metric_id IS NULL
    CROSS JOIN LATERAL (
      SELECT (coalesce(won.amount, 0) + peers.size * chosen.prior_n::numeric) / nullif(coalesce(won.sized, 0) + chosen.prior_n::numeric, 0)
    ) AS size (size)
    LEFT JOIN LATERAL shrunk_bounds(coalesce(won.won, 0), coalesce(won.closed, 0), peers.rate, peers.rate_n, 1 - credit.doubt) AS win ON true
    LEFT JOIN LATERAL shrunk_bounds(coalesce(tried.opened, opened.cases, 0), coalesce(tried.opened, opened.cases, 0) + coalesce(tried.activities, 0),
      peer.rate, peer.rate_n, 1 - credit.doubt) AS odds (mid, lower, upper) ON true
  ),
  figure AS (
    SELECT need.*, coalesce(present.days, 0) AS days, coalesce(present.days_left, 0) AS days_left,
      says.target AS planned, standard.norm,
      need.new_business::float8 / CASE WHEN need.size > 0 THEN need.size END::float8 AS wins,
      activities_needed(need.new_business, need.size, need.win_rate, need.per_activity) AS needed,
      activities_needed(need.new_lower, need.size, need.win_upper, need.per_upper) AS needed_lower,
      activities_needed(need.new_upper, need.size, need.win_lower, need.per_lower) AS needed_upper,
      activities_needed(need.effective_quota, need.size, need.win_rate, need.per_activity) AS gross_needed,
      coalesce(says.target, standard.norm)::float8 * 5 / nullif(present.days, 0) AS planned_week
    FROM need
    LEFT JOIN present ON present.person_id = need.person_id AND present.during = need.during
    LEFT JOIN standard ON standard.person_id = need.person_id AND standard.during = need.during AND standard.metric_id = need.metric_id
    LEFT JOIN plan_says AS says ON says.person_id = need.person_id AND says.during = need.during AND says.metric_id = need.metric_id
    -- what nobody asks of this person is not checked
    WHERE says.target IS NOT NULL OR standard.norm IS NOT NULL
  )
  SELECT rep.code, rep.name, lower(f.during), upper(f.during), m.code, m.name,
    f.quota, f.effective_quota, f.booked, f.open_deals, f.uncredited, f.open_amount, f.weighted,
    f.new_business, f.new_lower, f.new_upper,
    f.won, f.amount, f.size, f.wins, f.closed, f.won::float8 / nullif(f.closed, 0), f.win_rate, f.wins / nullif(f.win_rate, 0),
    f.opened, f.activities, f.opened::float8 / nullif(f.activities, 0), f.per_activity,
    f.needed, f.needed_lower, f.needed_upper, f.gross_needed, f.days, f.days_left,
    f.needed * 5 / nullif(f.days_left, 0), f.needed_lower * 5 / nullif(f.days_left, 0),
    f.needed_upper * 5 / nullif(f.days_left, 0), f.gross_needed * 5 / nullif(f.days, 0),
    f.planned, f.norm::float8, f.planned_week, f.needed * 5 / nullif(f.days_left, 0) - f.planned_week,
    CASE
      WHEN f.days_left = 0 THEN 'no working day'
      WHEN f.needed IS NULL THEN 'unknown'
      WHEN f.needed_lower * 5 / f.days_left > f.planned_week THEN 'too little'
      WHEN f.needed_upper * 5 / f.days_left <= f.planned_week THEN 'enough'
      ELSE 'open'
    END
  FROM figure AS f
  JOIN person AS rep ON rep.person_id = f.person_id
  JOIN metric AS m ON m.metric_id = f.metric_id
  ORDER BY rep.code, lower(f.during), m.code;
END;
COMMENT ON FUNCTION plan_check(timestamptz, text, daterange, jsonb) IS
'What an effective quota asks of each activity beyond what is booked and open, at the rep''s own shrunk rates, against what the plan or the norm says and the calendar allows; during: quota periods that overlap it, by default the next one of each person, or the present one where the next has no quota yet';

CREATE VIEW plan_check WITH (security_invoker) AS
SELECT person, person_name, period_from, period_until, metric, metric_name,
  quota::numeric(20,4), effective_quota::numeric(20,4), booked::numeric(20,4),
  open_deals, open_uncredited, open_pipeline::numeric(20,4), weighted_pipeline::numeric(20,4),
  new_business::numeric(20,4), new_business_min::numeric(20,4), new_business_max::numeric(20,4),
  won, won_amount::numeric(20,4), deal_size::numeric(20,4), wins_needed,
  closed, win_rate, shrunk_win_rate, deals_needed,
  deals_opened, activities, deals_per_activity, shrunk_deals_per_activity,
  needed, needed_lower, needed_upper, gross_needed, working_days, working_days_left,
  needed_week, needed_week_lower, needed_week_upper, gross_needed_week,
  planned::numeric(20,4), norm, planned_week, gap_week, verdict
FROM plan_check();
COMMENT ON VIEW plan_check IS 'Before the period: are the calls and meetings of the plan enough for the quota, at the rep''s own rates and on the days at work?';
COMMENT ON COLUMN plan_check.person IS 'Code of the person';
COMMENT ON COLUMN plan_check.person_name IS 'Name of the person';
COMMENT ON COLUMN plan_check.period_from IS 'First day of the quota period';
COMMENT ON COLUMN plan_check.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN plan_check.metric IS 'Code of the metric that counts the activity';
COMMENT ON COLUMN plan_check.metric_name IS 'Name of the metric';
COMMENT ON COLUMN plan_check.quota IS 'Target of bookings of the period';
COMMENT ON COLUMN plan_check.effective_quota IS 'What of it is asked of somebody who is new or not there all the time, as in quota_attainment; quota itself where no job is recorded, and with setting quota_effective false';
COMMENT ON COLUMN plan_check.booked IS 'Bookings of the period so far; 0 before it begins';
COMMENT ON COLUMN plan_check.open_deals IS 'Open deals of the person that are expected to close in the period';
COMMENT ON COLUMN plan_check.open_uncredited IS 'Of these, deals without an amount, or whose chance nothing tells: they bring nothing here';
COMMENT ON COLUMN plan_check.open_pipeline IS 'Value of the open deals';
COMMENT ON COLUMN plan_check.weighted_pipeline IS 'Value of the open deals times their probability, as in target_chance';
COMMENT ON COLUMN plan_check.new_business IS 'effective_quota - booked - weighted_pipeline, at least 0: what new deals must bring';
COMMENT ON COLUMN plan_check.new_business_min IS 'The same with so much won of the open deals that more would be a surprise';
COMMENT ON COLUMN plan_check.new_business_max IS 'The same with so little won of the open deals that less would be a surprise';
COMMENT ON COLUMN plan_check.won IS 'Deals the person won in the days looked back on (setting plan_check_days)';
COMMENT ON COLUMN plan_check.won_amount IS 'Their value';
COMMENT ON COLUMN plan_check.deal_size IS 'Average value of a deal won, pulled toward that of all, as if shrink_prior_n more deals had been of it';
COMMENT ON COLUMN plan_check.wins_needed IS 'new_business / deal_size';
COMMENT ON COLUMN plan_check.closed IS 'Deals the person won or lost in the days looked back on';
COMMENT ON COLUMN plan_check.win_rate IS 'won / closed, 0..1';
COMMENT ON COLUMN plan_check.shrunk_win_rate IS 'Win rate pulled toward that of the others, as the spread of their rates says, 0..1';
COMMENT ON COLUMN plan_check.deals_needed IS 'wins_needed / shrunk_win_rate';
COMMENT ON COLUMN plan_check.deals_opened IS 'Deals opened as first owner in the days looked back on';
COMMENT ON COLUMN plan_check.activities IS 'Activities held in them, of the kinds that the metric counts';
COMMENT ON COLUMN plan_check.deals_per_activity IS 'deals_opened / activities';
COMMENT ON COLUMN plan_check.shrunk_deals_per_activity IS 'The same pulled toward that of the others';
COMMENT ON COLUMN plan_check.needed IS 'deals_needed / shrunk_deals_per_activity: activities that it takes from now on for what is neither booked nor to be expected of the open deals; 0 if nothing is left';
COMMENT ON COLUMN plan_check.needed_lower IS 'Of new_business_min, with both rates at their upper bounds';
COMMENT ON COLUMN plan_check.needed_upper IS 'Of new_business_max, with both rates at their lower bounds; the two bounds hold together at setting confidence';
COMMENT ON COLUMN plan_check.gross_needed IS 'The same of the whole effective_quota, as though nothing were booked or open';
COMMENT ON COLUMN plan_check.working_days IS 'Days in the period on which the person is expected to work, as far as is known: without holidays and absences';
COMMENT ON COLUMN plan_check.working_days_left IS 'Those of them after today: all before the period';
COMMENT ON COLUMN plan_check.needed_week IS 'needed for five of working_days_left';
COMMENT ON COLUMN plan_check.needed_week_lower IS 'needed_lower for five of these days';
COMMENT ON COLUMN plan_check.needed_week_upper IS 'needed_upper for five of these days';
COMMENT ON COLUMN plan_check.gross_needed_week IS 'gross_needed for five of working_days';
COMMENT ON COLUMN plan_check.planned IS 'Target of the activity in the person''s plans of this very period';
COMMENT ON COLUMN plan_check.norm IS 'What the standard asks on the working days; for a person without a plan of the activity it takes its place';
COMMENT ON COLUMN plan_check.planned_week IS 'planned, or else norm, for five of the working days';
COMMENT ON COLUMN plan_check.gap_week IS 'needed_week - planned_week: how many more a week it takes; negative if there are enough';
COMMENT ON COLUMN plan_check.verdict IS 'too little: less is planned than even the lower bound asks; enough: as much as the upper bound asks, or more; open: in between; unknown: a rate is missing or 0; no working day';
