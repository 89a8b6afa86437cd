-- The deals of a demo book: what is sold to whom, when, how far it gets, and how large it is.

CREATE FUNCTION salesmgmt.demo_season(month date) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (ARRAY[0.85, 0.95, 1.15, 0.95, 1.0, 1.15, 0.85, 0.8, 1.15, 1.0, 1.05, 1.15])[extract(month FROM month)::int]
$$;
COMMENT ON FUNCTION salesmgmt.demo_season(date) IS 'How much business a month sees: the quarters end strong, and the summer is slow';

CREATE FUNCTION salesmgmt.demo_growth(day date, first_day date) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 1.1 ^ ((day - first_day) / 365.25::double precision)
$$;
COMMENT ON FUNCTION salesmgmt.demo_growth(date, date) IS 'The market''s growth since the book began: 10 % a year';

CREATE FUNCTION salesmgmt.demo_ramp(ramps boolean, joined date, month date) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN ramps THEN (ARRAY[0, 0, 0.2, 0.4, 0.6, 0.8, 1])[greatest(1, least(7, 2 + (month - joined) / 30))]
    WHEN month < joined THEN 0
    ELSE 1
  END
$$;
COMMENT ON FUNCTION salesmgmt.demo_ramp(boolean, date, date) IS
'The share of the full pace at which somebody closes deals in a month: newcomers take half a year';

-- What a person who is like everybody else books in a month of plain season at the start.
CREATE FUNCTION salesmgmt.demo_capacity() RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 5 * 0.59 * 120000.0
$$;
COMMENT ON FUNCTION salesmgmt.demo_capacity() IS 'Bookings of an ordinary month in a demo book: 5 closings, 59 % of them won, 120,000 each';

CREATE FUNCTION salesmgmt.demo_heirs(seed int, reps int, months int, until date) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(h.code ORDER BY h.place)
  FROM (
    SELECT c.code, row_number() OVER (ORDER BY c.manager <> leaver.manager, c.ordinal) AS place
    FROM salesmgmt.demo_cast(seed, reps, months, until) AS c
    JOIN salesmgmt.demo_cast(seed, reps, months, until) AS leaver ON leaver.ordinal = reps - 1
    WHERE c.role = 'rep' AND c.story IS NULL AND NOT c.ramps AND c.left_on IS NULL
  ) AS h
  WHERE h.place <= 3
$$;
COMMENT ON FUNCTION salesmgmt.demo_heirs(int, int, int, date) IS
'Three ordinary colleagues who share the clients and the open deals of the one who left';

-- One row a deal.  last_stage is 1 lead, 2 discovery, 3 proposal, 4 negotiation:
-- the last one open; deals created before "until" are in the book, however late they close.
CREATE FUNCTION salesmgmt.demo_deal(seed int, reps int, months int, until date)
RETURNS TABLE (code text, rep text, seat int, account int, opened_by text, heir text, handed_on date,
  story text, product int, source text, created_on date, closed_on date, won boolean, last_stage int,
  amount numeric, slip int, variant int)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH calendar AS (
    SELECT salesmgmt.demo_first_day(months, until) AS first_day
  ), cast_ AS (
    SELECT * FROM salesmgmt.demo_cast(seed, reps, months, until) AS c WHERE c.closings > 0
  ), month AS (
    -- closings expected, month by month; those of the months before too
    SELECT c.code, c.story, grid.month,
      c.closings * salesmgmt.demo_season(grid.month) * salesmgmt.demo_ramp(c.ramps, c.joined, grid.month) AS expected,
      sum(c.closings * salesmgmt.demo_season(grid.month) * salesmgmt.demo_ramp(c.ramps, c.joined, grid.month))
        OVER (PARTITION BY c.code ORDER BY grid.month) + salesmgmt.demo_random(seed, 'start ' || c.code) AS reached
    FROM cast_ AS c
    CROSS JOIN calendar
    CROSS JOIN generate_series(0, months + 4) AS m
    CROSS JOIN LATERAL (SELECT (calendar.first_day::timestamp + make_interval(months => m))::date AS month) AS grid
    WHERE c.story IS DISTINCT FROM 'lucky'
  ), target AS (
    -- what the won deals of a month and a quarter add up to, whatever their number
    SELECT c.code, m.month, date_trunc('quarter', m.month::timestamp)::date AS quarter,
      m.expected * salesmgmt.demo_growth(m.month, calendar.first_day) * c.win_rate * c.size * 120000
        * (0.97 + 0.09 * salesmgmt.demo_random(seed, 'quarter ' || c.code || date_trunc('quarter', m.month::timestamp)::date - date '2000-01-01')) AS amount
    FROM month AS m
    JOIN cast_ AS c USING (code)
    CROSS JOIN calendar
  ), closing AS (
    SELECT m.code AS rep, k,
      salesmgmt.demo_weekday(m.month + floor(30 * (k - first_k + salesmgmt.demo_random(seed, 'day ' || m.code || ' ' || k))
        / (floor(m.reached) - first_k + 1))::int) AS closed_on,
      -- neighbours change places, by a coin
      k / 2 * 2 + (k % 2 # (salesmgmt.demo_random(seed, 'coin ' || m.code || ' ' || k / 2) < 0.5)::int) AS place
    FROM month AS m
    CROSS JOIN LATERAL (SELECT floor(m.reached - m.expected)::int + 1 AS first_k) AS first
    CROSS JOIN LATERAL generate_series(first.first_k, floor(m.reached)::int) AS k
    UNION ALL
    -- the lucky one: two deals closed, both won, the rest still to come
    SELECT c.code, k,
      CASE WHEN k <= 2 THEN salesmgmt.demo_weekday(c.joined + 34 + 28 * k)
        ELSE salesmgmt.demo_weekday(until + 3 + 9 * (k - 2)) END, k
    FROM cast_ AS c
    CROSS JOIN generate_series(1, 8) AS k
    WHERE c.story = 'lucky'
  ), outcome AS (
    SELECT closing.*, c.seat, c.story, c.joined, c.left_on, c.win_rate, c.size, c.role,
      'rep' || c.code || ' ' || closing.k AS key,
      CASE c.story
        WHEN 'lucky' THEN closing.k <= 2 OR closing.k % 2 = 0
        ELSE floor((closing.place + 1) * c.win_rate + phase) > floor(closing.place * c.win_rate + phase)
      END AS won
    FROM closing
    JOIN cast_ AS c ON c.code = closing.rep
    CROSS JOIN LATERAL salesmgmt.demo_random(seed, 'phase ' || c.code) AS phase
  ), numbered AS (
    SELECT outcome.*,
      row_number() OVER (PARTITION BY outcome.rep, outcome.won ORDER BY outcome.k) - 1 AS n
    FROM outcome
  ), shuffled AS (
    -- a place in its block of 5 (where it is lost), 4 (how large), 6 (how long)
    SELECT numbered.*,
      row_number() OVER (PARTITION BY rep, won, n / 5 ORDER BY salesmgmt.demo_random(seed, 'stage ' || key)) AS of_5,
      row_number() OVER (PARTITION BY rep, won, n / 4 ORDER BY salesmgmt.demo_random(seed, 'size ' || key)) AS of_4,
      row_number() OVER (PARTITION BY rep, won, n / 6 ORDER BY salesmgmt.demo_random(seed, 'cycle ' || key)) AS of_6
    FROM numbered
  ), shaped AS (
    SELECT shuffled.*,
      CASE
        WHEN won THEN 4
        WHEN story = 'loses_at_proposal' THEN (ARRAY[2, 3, 3, 3, 3])[of_5]
        ELSE (ARRAY[1, 2, 2, 3, 4])[of_5]
      END AS last_stage,
      120000 * size * salesmgmt.demo_growth(closed_on, calendar.first_day) * (0.95 + 0.1 * salesmgmt.demo_random(seed, 'amount ' || key))
        * CASE WHEN story = 'lucky' THEN 0.9 WHEN won THEN (ARRAY[0.7, 0.9, 1.05, 1.35])[of_4] ELSE (ARRAY[0.65, 0.85, 1.1, 1.5])[of_4] END AS raw_amount,
      (ARRAY[34, 45, 56, 68, 82, 104])[of_6] * (0.92 + 0.16 * salesmgmt.demo_random(seed, 'pace ' || key)) AS cycle
    FROM shuffled
    CROSS JOIN calendar
  ), dated AS (
    SELECT shaped.*,
      greatest(
        salesmgmt.demo_weekday(closed_on - floor(cycle * (ARRAY[0.4, 0.65, 0.9, 1])[last_stage])::int),
        CASE WHEN joined > closed_on - 140 THEN salesmgmt.demo_weekday(joined + 6) END) AS created_on
    FROM shaped
  ), by_month AS (
    SELECT dated.*, t.month, t.quarter, t.amount,
      raw_amount * least(1.4, greatest(0.7,
        coalesce(t.amount / nullif(sum(raw_amount) FILTER (WHERE won) OVER (PARTITION BY dated.rep, t.month), 0), 1))) AS month_amount
    FROM dated
    LEFT JOIN target AS t
      ON t.code = dated.rep AND t.month = date_trunc('month', dated.closed_on::timestamp)::date
  ), sized AS (
    SELECT by_month.*,
      month_amount * least(1.5, greatest(0.6, coalesce(whole.amount
        / nullif(sum(month_amount) FILTER (WHERE won) OVER (PARTITION BY by_month.rep, by_month.quarter), 0), 1))) AS exact_amount
    FROM by_month
    LEFT JOIN (
      SELECT code, quarter, sum(amount) AS amount
      FROM target
      GROUP BY code, quarter
    ) AS whole ON whole.code = by_month.rep AND whole.quarter = by_month.quarter
  )
  SELECT s.rep || '/' || lpad(s.k::text, 4, '0'), s.rep, s.seat,
    1 + floor(CASE s.role WHEN 'rep' THEN 20 ELSE 7 END * salesmgmt.demo_random(seed, 'account ' || s.key))::int,
    -- some leads are found by a colleague, who passes them on
    CASE WHEN s.role = 'rep' AND s.last_stage > 1 AND salesmgmt.demo_random(seed, 'found ' || s.key) < 0.04
      AND s.story IS NULL THEN heirs.codes[1 + s.k % 3] ELSE s.rep END,
    CASE WHEN s.closed_on > s.left_on THEN heirs.codes[1 + s.k % 3] END,
    CASE WHEN s.closed_on > s.left_on THEN s.left_on END,
    s.story, 1 + floor(8 * salesmgmt.demo_random(seed, 'product ' || s.key))::int,
    (ARRAY['referral', 'branch', 'campaign', 'cold call', 'website'])[1 + floor(5 * salesmgmt.demo_random(seed, 'source ' || s.key))::int],
    s.created_on, s.closed_on, s.won, s.last_stage,
    greatest(500, 500 * round(s.exact_amount / 500))::numeric,
    CASE WHEN s.closed_on - s.created_on < 30 THEN 0
      ELSE (ARRAY[0, 0, 0, 0, 0, 12, 12, 21, 21, -20])[1 + floor(10 * salesmgmt.demo_random(seed, 'slip ' || s.key))::int] END,
    -- 0..99: decides which irregularities a deal has
    floor(100 * salesmgmt.demo_random(seed, 'variant ' || s.key))::int
  FROM sized AS s
  CROSS JOIN salesmgmt.demo_heirs(seed, reps, months, until) AS heirs (codes)
  WHERE s.created_on < until
    AND s.closed_on > s.created_on
    AND (s.left_on IS NULL OR s.created_on < s.left_on - 10)
$$;
COMMENT ON FUNCTION salesmgmt.demo_deal(int, int, int, date) IS
'The deals of a demo book, one row each, with what becomes of them';

-- What happens to the deals, in order.  The irregularities, by variant:
--    0..4   skips discovery          5..7   goes from the proposal straight to the end
--    8..15  goes back to discovery after the proposal, and forward again
--   16..27  discovery and proposal on one day
--   28..29  an amount typed ten times too large, corrected the next day
--   30..33  the expected close is never moved, though it passes
--   30..44  the amount of a lost deal is set to zero, as some systems do
--    0..59  days only: everything happens at midnight
CREATE FUNCTION salesmgmt.demo_change(seed int, reps int, months int, until date)
RETURNS TABLE (code text, changed_at timestamptz, place numeric, stage text, amount numeric, wrong_amount numeric,
  expected_close date, owner text, forecast_category text, lost_reason text, competitor text)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH event AS (
    SELECT d.*, e.place, e.stage,
      salesmgmt.demo_weekday(e.day) AS day,
      'change ' || d.code || ' ' || e.place AS key
    FROM salesmgmt.demo_deal(seed, reps, months, until) AS d
    CROSS JOIN LATERAL (
      SELECT d.closed_on - d.created_on AS days,
        CASE WHEN d.variant BETWEEN 16 AND 27 THEN 1.0 / d.last_stage
          ELSE (2 - 0.2 + 0.4 * salesmgmt.demo_random(seed, 'proposal ' || d.code)) / d.last_stage END AS proposal,
        (3 - 0.2 + 0.4 * salesmgmt.demo_random(seed, 'negotiation ' || d.code)) / d.last_stage AS negotiation
    ) AS t
    CROSS JOIN LATERAL (VALUES
      (1.0, 'lead', d.created_on),
      (2.0, 'discovery', CASE WHEN d.last_stage > 1 AND d.variant NOT BETWEEN 0 AND 4
        THEN d.created_on + floor(t.days * 1.0 / d.last_stage)::int END),
      (3.0, 'proposal', CASE WHEN d.last_stage > 2 THEN d.created_on + floor(t.days * t.proposal)::int END),
      (3.3, 'discovery', CASE WHEN d.last_stage > 3 AND d.variant BETWEEN 8 AND 15
        THEN d.created_on + floor(t.days * (t.proposal + 0.3 * (t.negotiation - t.proposal)))::int END),
      (3.6, 'proposal', CASE WHEN d.last_stage > 3 AND d.variant BETWEEN 8 AND 15
        THEN d.created_on + floor(t.days * (t.proposal + 0.6 * (t.negotiation - t.proposal)))::int END),
      (4.0, 'negotiation', CASE WHEN d.last_stage > 3 AND d.variant NOT BETWEEN 5 AND 7
        THEN d.created_on + floor(t.days * t.negotiation)::int END),
      -- the expected close passes, and is moved
      (4.5, NULL, CASE WHEN d.slip > 0 AND d.variant NOT BETWEEN 30 AND 33 THEN d.closed_on - d.slip END),
      -- the owner leaves
      (4.7, NULL, CASE WHEN d.handed_on > d.created_on THEN d.handed_on END),
      (5.0, CASE WHEN d.won THEN 'won' WHEN d.variant % 3 = 0 THEN 'no_decision' ELSE 'lost' END, d.closed_on)
    ) AS e (place, stage, day)
    WHERE e.day IS NOT NULL AND salesmgmt.demo_weekday(e.day) < until
  ), kept AS (
    -- a change without a stage of its own leaves the deal where it is
    SELECT event.*,
      count(event.stage) OVER (PARTITION BY event.code ORDER BY event.day, event.place) AS visit,
      max(CASE event.stage WHEN 'lead' THEN 1 WHEN 'discovery' THEN 2 WHEN 'proposal' THEN 3 WHEN 'negotiation' THEN 4 END)
        OVER (PARTITION BY event.code ORDER BY event.day, event.place) AS furthest,
      bool_or(event.place = 4.5) OVER (PARTITION BY event.code ORDER BY event.day, event.place) AS moved
    FROM event
  ), filled AS (
    SELECT kept.*, max(kept.stage) OVER (PARTITION BY kept.code, kept.visit) AS in_stage
    FROM kept
  ), valued AS (
    SELECT filled.*,
      CASE
        WHEN in_stage IN ('lost', 'no_decision') AND variant BETWEEN 30 AND 44 THEN 0
        WHEN in_stage = 'won' THEN amount
        WHEN furthest <= 2 THEN
          greatest(1000, 1000 * round(amount * (0.75 + 0.6 * salesmgmt.demo_random(seed, 'guess ' || filled.code))::numeric / 1000))
        WHEN furthest = 3 THEN
          greatest(500, 500 * round(amount * (1 + 0.12 * salesmgmt.demo_random(seed, 'offer ' || filled.code))::numeric / 500))
        ELSE amount
      END AS value
    FROM filled
  )
  SELECT v.code,
    (v.day::timestamp + CASE WHEN v.variant < 60 THEN interval '0'
      ELSE make_interval(mins => 510 + floor(80 * v.place + 55 * salesmgmt.demo_random(seed, v.key))::int) END) AT TIME ZONE 'UTC',
    v.place, v.in_stage, v.value,
    CASE WHEN v.variant BETWEEN 28 AND 29 AND v.place = 3.0 THEN v.value * 10 END,
    CASE
      WHEN v.in_stage = 'won' OR v.moved OR v.slip < 0 AND v.furthest >= 4 THEN v.closed_on
      ELSE v.closed_on - v.slip
    END,
    CASE WHEN v.day >= v.handed_on THEN v.heir WHEN v.place = 1 THEN v.opened_by ELSE v.rep END,
    CASE
      WHEN v.in_stage = 'won' THEN 'closed'
      WHEN v.in_stage IN ('lost', 'no_decision') THEN 'omitted'
      WHEN v.in_stage = 'negotiation' AND v.story = 'sandbagger' THEN 'best_case'
      WHEN v.in_stage = 'negotiation' AND v.variant % 4 = 0 THEN 'most_likely'
      WHEN v.in_stage = 'negotiation' THEN 'commit'
      WHEN v.in_stage = 'proposal' THEN 'best_case'
      ELSE 'pipeline'
    END,
    CASE v.in_stage
      WHEN 'lost' THEN (ARRAY['price', 'competitor', 'terms', 'relationship'])[1 + v.variant % 4]
      WHEN 'no_decision' THEN (ARRAY['no budget', 'postponed', 'no need'])[1 + v.variant / 3 % 3]
    END,
    CASE WHEN v.in_stage = 'lost' AND v.variant % 2 = 1
      THEN (ARRAY['First Harbour Bank', 'Merchants Trust', 'Union Credit'])[1 + v.variant / 2 % 3] END
  FROM valued AS v
$$;
COMMENT ON FUNCTION salesmgmt.demo_change(int, int, int, date) IS
'What happens to the deals of a demo book before the given day';
