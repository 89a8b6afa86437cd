-- Why are there not enough prospects?  From calls to wins, link by link.

CREATE FUNCTION review_span(during daterange, today date, options jsonb) RETURNS daterange
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT coalesce(review_span.during, daterange(today + 1 - greatest((review_span.options ->> 'review_days')::numeric::int, 0), today + 1))
    * daterange(least((SELECT min(lower(e.during)) FROM employment AS e), today + 1), today + 1);
END;
COMMENT ON FUNCTION review_span(daterange, date, jsonb) IS
'The days of a review, up to today: during, or the last ones (setting review_days); empty where nothing has passed of it';

-- A share of cases (meetings of calls) is tested as one: against a norm, which is certain,
-- by Wilson's bounds, against peers, who had luck of their own, by Fisher's test.  A count
-- (calls of days, more meetings than there were calls or than one a call that a norm asks for)
-- is tested as one of independent events: against peers it is a share of all the events, who had their part of the time in
-- which they happened; against a norm it is a share of very many moments.
CREATE FUNCTION is_beyond_chance(done int8, base int8, norm_ratio float8, peer_done int8, peer_base int8, is_count boolean, confidence float8)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE
    WHEN base = 0 THEN NULL
    WHEN norm_ratio IS NOT NULL AND (is_count OR done > base OR norm_ratio > 1)
    THEN norm_ratio / moments NOT BETWEEN wilson_lower(done, base * moments, confidence) AND wilson_upper(done, base * moments, confidence)
    WHEN norm_ratio IS NOT NULL
    THEN norm_ratio NOT BETWEEN wilson_lower(done, base, confidence) AND wilson_upper(done, base, confidence)
    WHEN is_count OR done > base OR peer_done > peer_base
    THEN base::float8 / (base + nullif(peer_base, 0))
      NOT BETWEEN wilson_lower(done, done + peer_done, confidence) AND wilson_upper(done, done + peer_done, confidence)
    ELSE rates_differ(done, base, peer_done, peer_base) < 1 - confidence
  END
  FROM (VALUES (int8 '1000000')) AS each (moments);
END;
COMMENT ON FUNCTION is_beyond_chance(int8, int8, float8, int8, int8, boolean, float8) IS
'Whether done of base differs from the norm, or from the peers where it is NULL, by more than chance at this confidence; NULL where there is nothing to compare';

-- Wins are a product: working days, calls a day, discovery meetings a call, proposal
-- meetings a discovery meeting, wins a proposal meeting.  So the gap between the wins
-- there are and those that could be expected is the sum of a part for each link: the
-- log-mean split of driver_variance().  What can be expected of a link is what its norms
-- say, or else what the peers do.  A step that was left out, while later ones happened,
-- says nothing of itself: it is taken to be as expected, and the next link answers for both.
CREATE FUNCTION pipeline_review(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, link text, link_position int,
  done int8, base int8, ratio float8, peers int8, peer_done int8, peer_base int8, peer_ratio float8,
  norm float8, norm_ratio float8, compared_with text, expected_ratio float8,
  won int8, expected_won float8, gap float8, gap_part float8, too_few boolean, beyond_chance boolean, is_cause boolean,
  shrunk_ratio float8, rank int8, ranked int8, finding text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, review_span(pipeline_review.during, today.today, given.options) AS days
    FROM settings(pipeline_review.options, pipeline_review.as_of) AS given (options)
    CROSS JOIN LATERAL (SELECT book_date(pipeline_review.as_of, given.options) AS today) AS today
  ),
  worked AS MATERIALIZED (
    SELECT w.person_id, count(*) AS days
    FROM chosen
    CROSS JOIN LATERAL working_day(chosen.days) AS w
    GROUP BY w.person_id
  ),
  -- the reps of the last day, each with the group of peers
  rep AS (
    SELECT job.person_id, worked.days, job.specialty,
      upper(chosen.days) - 1 - first_job.day < (chosen.options ->> 'peer_new_days')::numeric AS is_new
    FROM chosen
    JOIN employment AS job ON job.role = 'rep' AND job.during @> upper(chosen.days) - 1
    JOIN worked ON worked.person_id = job.person_id
    JOIN (
      SELECT e.person_id, min(lower(e.during)) AS day
      FROM employment AS e
      GROUP BY e.person_id
    ) AS first_job ON first_job.person_id = job.person_id
  ),
  happened AS (
    SELECT e.person_id, e.event, count(*) AS n
    FROM chosen
    CROSS JOIN LATERAL sales_event(pipeline_review.as_of, NULL, chosen.days, chosen.options) AS e
    WHERE e.event IN ('call', 'discovery', 'proposal', 'won')
    GROUP BY e.person_id, e.event
  ),
  asked AS (
    SELECT n.person_id, n.step, sum(n.norm) AS norm
    FROM chosen
    CROSS JOIN LATERAL step_norm_day(chosen.days, chosen.options) AS n
    WHERE n.present
    GROUP BY n.person_id, n.step
  ),
  link AS (
    SELECT rep.*, step.position, step.link, coalesce(happened.n, 0) AS done, asked.norm,
      lag(coalesce(happened.n, 0), 1, rep.days) OVER steps AS base,
      lag(asked.norm, 1, rep.days::numeric) OVER steps AS norm_base
    FROM rep
    CROSS JOIN (VALUES (1, 'calls', 'call'), (2, 'discovery', 'discovery'), (3, 'proposal', 'proposal'), (4, 'won', 'won')) AS step (position, link, event)
    LEFT JOIN happened ON happened.person_id = rep.person_id AND happened.event = step.event
    LEFT JOIN asked ON asked.person_id = rep.person_id AND asked.step = step.event
    WINDOW steps AS (PARTITION BY rep.person_id ORDER BY step.position)
  ),
  compared AS (
    SELECT link.*,
      CASE WHEN grouped.enough THEN count(*) OVER like_them ELSE count(*) OVER everybody END - 1 AS peers,
      CASE WHEN grouped.enough THEN sum(link.done) OVER like_them ELSE sum(link.done) OVER everybody END - link.done AS peer_done,
      CASE WHEN grouped.enough THEN sum(link.base) OVER like_them ELSE sum(link.base) OVER everybody END - link.base AS peer_base
    FROM (
      SELECT l.*, count(*) OVER (PARTITION BY l.position, l.specialty, l.is_new) >= (chosen.options ->> 'peer_min_people')::numeric AS enough
      FROM chosen
      CROSS JOIN link AS l
    ) AS link
    CROSS JOIN LATERAL (SELECT link.enough) AS grouped
    WINDOW like_them AS (PARTITION BY link.position, link.specialty, link.is_new),
      everybody AS (PARTITION BY link.position)
  ),
  judged AS (
    SELECT c.*, c.done::float8 / nullif(c.base, 0) AS ratio, peer.ratio AS peer_ratio, own_norm.ratio AS norm_ratio,
      coalesce(own_norm.ratio, peer.ratio) AS expected,
      (c.done + (chosen.options ->> 'shrink_prior_n')::float8 * peer.ratio)
        / nullif(c.base + (chosen.options ->> 'shrink_prior_n')::float8, 0) AS shrunk,
      c.base < (chosen.options ->> 'review_min_n')::numeric AS too_few,
      -- so strict that all four links together are wrongly found with no more than 1 - confidence
      is_beyond_chance(c.done, c.base, own_norm.ratio, c.peer_done::int8, c.peer_base::int8, c.position = 1,
        1 - (1 - (chosen.options ->> 'confidence')::float8) / 4) AS beyond_chance
    FROM chosen
    CROSS JOIN compared AS c
    CROSS JOIN LATERAL (SELECT (c.peer_done / nullif(c.peer_base, 0))::float8 AS ratio) AS peer
    CROSS JOIN LATERAL (SELECT (c.norm / nullif(c.norm_base, 0))::float8 AS ratio) AS own_norm
  ),
  -- what there is of each step, a step left out being as expected
  chain AS (
    SELECT j.person_id, j.days::float8 AS days, j.expected, j.done
    FROM (
      SELECT l.person_id, min(l.days) AS days, array_agg(l.expected ORDER BY l.position) AS expected,
        array_agg(l.done::float8 ORDER BY l.position) AS done
      FROM judged AS l
      GROUP BY l.person_id
      HAVING count(l.expected) = 4
    ) AS j
  ),
  split AS (
    SELECT chain.person_id, chain.days * chain.expected[1] * chain.expected[2] * chain.expected[3] * chain.expected[4] AS expected_won,
      driver_variance(
        ARRAY[chain.days * chain.expected[1], chain.expected[2], chain.expected[3], chain.expected[4]],
        ARRAY[calls.n, coalesce(discovery.n / nullif(calls.n, 0), chain.expected[2]),
          coalesce(proposal.n / nullif(discovery.n, 0), chain.expected[3]),
          coalesce(chain.done[4] / nullif(proposal.n, 0), chain.expected[4])]) AS result
    FROM chain
    CROSS JOIN LATERAL (
      SELECT CASE WHEN chain.done[1] = 0 AND chain.done[2] + chain.done[3] + chain.done[4] > 0
        THEN chain.days * chain.expected[1] ELSE chain.done[1] END AS n
    ) AS calls
    CROSS JOIN LATERAL (
      SELECT CASE WHEN chain.done[2] = 0 AND chain.done[3] + chain.done[4] > 0
        THEN calls.n * chain.expected[2] ELSE chain.done[2] END AS n
    ) AS discovery
    CROSS JOIN LATERAL (
      SELECT CASE WHEN chain.done[3] = 0 AND chain.done[4] > 0
        THEN discovery.n * chain.expected[3] ELSE chain.done[3] END AS n
    ) AS proposal
    -- where nothing of a step left out is expected either, no split makes sense
    WHERE (calls.n > 0 OR chain.done[2] + chain.done[3] + chain.done[4] = 0)
      AND (discovery.n > 0 OR chain.done[3] + chain.done[4] = 0)
      AND (proposal.n > 0 OR chain.done[4] = 0)
  ),
  parted AS (
    SELECT j.*, NOT j.too_few AND j.beyond_chance AS is_sure, split.expected_won, (split.result).total AS gap, (split.result).contributions[j.position] AS part,
      max(j.done) FILTER (WHERE j.position = 4) OVER (PARTITION BY j.person_id) AS won,
      rank() OVER (PARTITION BY j.position ORDER BY j.shrunk DESC NULLS LAST) AS place,
      count(j.shrunk) OVER (PARTITION BY j.position) AS ranked
    FROM judged AS j
    LEFT JOIN split ON split.person_id = j.person_id
  ),
  told AS (
    SELECT p.*,
      coalesce(p.gap < 0 AND p.part < 0 AND p.is_sure
        AND p.part = min(p.part) FILTER (WHERE p.is_sure) OVER (PARTITION BY p.person_id), false) AS is_cause
    FROM parted AS p
  )
  SELECT who.code, who.name, t.link, t.position, t.done, t.base, t.ratio, t.peers, t.peer_done::int8, t.peer_base::int8, t.peer_ratio,
    t.norm::float8, t.norm_ratio, CASE WHEN t.norm_ratio IS NOT NULL THEN 'norm' WHEN t.peer_ratio IS NOT NULL THEN 'peers' END, t.expected,
    t.won, t.expected_won, t.gap, t.part, t.too_few, t.beyond_chance, t.is_cause,
    t.shrunk, CASE WHEN t.shrunk IS NOT NULL THEN t.place END, t.ranked,
    CASE
      WHEN t.expected IS NULL THEN 'nothing to compare with'
      WHEN t.too_few THEN format('too few to judge: %s of %s', t.done, t.base)
      WHEN t.done = 0 AND t.expected = 0 THEN 'nothing on record, of nobody'
      WHEN t.is_cause THEN 'the largest part of the gap'
      WHEN t.ratio < t.expected AND t.beyond_chance THEN 'below what was expected'
      WHEN t.ratio < t.expected THEN 'below, but it may be chance'
      ELSE 'no less than expected'
    END
  FROM told AS t
  JOIN person AS who ON who.person_id = t.person_id
  WHERE t.person_id IN (
    SELECT r.person_id
    FROM chosen
    CROSS JOIN LATERAL report_on(pipeline_review.person, chosen.today) AS r)
  ORDER BY t.gap, who.code, t.position;
END;
COMMENT ON FUNCTION pipeline_review(timestamptz, text, daterange, jsonb) IS
'From calls to wins, link by link, for each rep: what was done, what norm and peers say, and the part of the gap in wins that each link explains; during: the days that count, by default the last review_days up to as_of';

CREATE VIEW pipeline_review WITH (security_invoker) AS
SELECT *
FROM pipeline_review();
COMMENT ON VIEW pipeline_review IS 'Why are there not enough prospects: which link between calls and wins explains each rep''s gap?';
COMMENT ON COLUMN pipeline_review.person IS 'Code of the rep';
COMMENT ON COLUMN pipeline_review.person_name IS 'Name of the rep';
COMMENT ON COLUMN pipeline_review.link IS 'calls (a working day), discovery (meetings a call), proposal (meetings a discovery meeting), won (deals a proposal meeting)';
COMMENT ON COLUMN pipeline_review.link_position IS 'Order of the link, 1 to 4';
COMMENT ON COLUMN pipeline_review.done IS 'Calls, discovery meetings or proposal meetings held, or deals won';
COMMENT ON COLUMN pipeline_review.base IS 'How many there were of the step before; of calls, the working days';
COMMENT ON COLUMN pipeline_review.ratio IS 'done / base: the rep''s own figure, as it is';
COMMENT ON COLUMN pipeline_review.peers IS 'Other reps it is compared with: same specialty, both new or neither; all others where these are too few';
COMMENT ON COLUMN pipeline_review.peer_done IS 'done of the peers';
COMMENT ON COLUMN pipeline_review.peer_base IS 'base of the peers';
COMMENT ON COLUMN pipeline_review.peer_ratio IS 'peer_done / peer_base';
COMMENT ON COLUMN pipeline_review.norm IS 'How many the norm asks for on the rep''s days at work';
COMMENT ON COLUMN pipeline_review.norm_ratio IS 'norm / norm of the step before, or / working days; empty where either has no norm';
COMMENT ON COLUMN pipeline_review.compared_with IS 'norm, or peers where there is no norm';
COMMENT ON COLUMN pipeline_review.expected_ratio IS 'norm_ratio or peer_ratio, as compared_with says';
COMMENT ON COLUMN pipeline_review.won IS 'Deals the rep has won, on each row of the rep';
COMMENT ON COLUMN pipeline_review.expected_won IS 'Working days times all four expected ratios';
COMMENT ON COLUMN pipeline_review.gap IS 'won - expected_won';
COMMENT ON COLUMN pipeline_review.gap_part IS 'Part of the gap that this link explains, in deals won; the four parts add up to gap';
COMMENT ON COLUMN pipeline_review.too_few IS 'Whether base is below setting review_min_n: too few cases to judge the link';
COMMENT ON COLUMN pipeline_review.beyond_chance IS 'Whether the ratio differs from the expected one by more than chance, for the four links together at setting confidence';
COMMENT ON COLUMN pipeline_review.is_cause IS 'Whether it is the link with the largest part of a gap, among those with enough cases that are below by more than chance; a gap of which none is so has no cause';
COMMENT ON COLUMN pipeline_review.shrunk_ratio IS 'The ratio pulled toward the peers'' as if setting shrink_prior_n more cases had gone like theirs; for ranking only';
COMMENT ON COLUMN pipeline_review.rank IS 'Place of the rep on this link by shrunk_ratio, 1 for the best';
COMMENT ON COLUMN pipeline_review.ranked IS 'Reps ranked on this link';
COMMENT ON COLUMN pipeline_review.finding IS 'What the row says, in words';

CREATE FUNCTION pipeline_review_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, link text,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, review_span(pipeline_review_evidence.during, today.today, given.options) AS days
    FROM settings(pipeline_review_evidence.options, pipeline_review_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL (SELECT book_date(pipeline_review_evidence.as_of, given.options) AS today) AS today
  ),
  -- reps of the last day who were at work
  rep AS (
    SELECT job.person_id
    FROM chosen
    JOIN employment AS job ON job.role = 'rep' AND job.during @> upper(chosen.days) - 1
    -- IS TRUE, here and below: looked up in a hash, however few the planner expects
    WHERE (job.person_id IN (
      SELECT w.person_id
      FROM chosen AS given
      CROSS JOIN LATERAL working_day(given.days) AS w)) IS TRUE
  )
  SELECT who.code, counts.link, counts.figure, e.source, e.source_code, e.at, 1
  FROM chosen
  CROSS JOIN LATERAL sales_event(pipeline_review_evidence.as_of, pipeline_review_evidence.person, chosen.days, chosen.options) AS e
  JOIN (VALUES ('call', 'calls', 'done'), ('discovery', 'discovery', 'done'), ('proposal', 'proposal', 'done'), ('won', 'won', 'done'),
    ('won', 'calls', 'won'), ('won', 'discovery', 'won'), ('won', 'proposal', 'won'), ('won', 'won', 'won')) AS counts (event, link, figure)
    ON counts.event = e.event
  JOIN person AS who ON who.person_id = e.person_id
  WHERE (e.person_id IN (SELECT rep.person_id FROM rep)) IS TRUE;
END;
COMMENT ON FUNCTION pipeline_review_evidence(timestamptz, text, daterange, jsonb) IS
'The activities and deals that each figure of pipeline_review counted';
