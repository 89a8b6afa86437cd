-- A book of :rows changes, a tenth as many deals and half as many activities: 1,000
-- people in a tree of four levels, three years up to now.  What the book's triggers
-- would write is written here at once (session_replication_role), so that making
-- it takes minutes; book.sh measures loading apart.
--
-- What is drawn, by a hash of the number of the deal: a growing stream of deals; owners
-- of whom some have many more than others; 2 to 60 changes, 10 in the mean, and
-- amounts and cycles with long tails; three deals of ten are recorded by the day
-- only, so that changes of one instant abound; one deal of twenty is never closed and
-- goes stale, so that a rep has some 200 open; deals go back a stage, and change hands, now and then; and one change of
-- two thousand is corrected.
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '512MB';
SET maintenance_work_mem = '1GB';
SET jit = off;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE EXTENSION IF NOT EXISTS btree_gist;
SELECT salesmgmt.create_book('book');
SET search_path = book, salesmgmt, public;
SET session_replication_role = replica;

-- a number in 0..1, of a deal and a purpose
CREATE FUNCTION public.draw(n bigint, purpose int) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(n, purpose) & 4294967295) / 4294967296.0::float8;

SELECT date_trunc('day', now()) AS until, :rows / 10 AS deals, greatest(100, :rows / 100) AS accounts \gset

-- ---- the organization: 1 executive, 10 directors, 89 managers, 900 reps ----
INSERT INTO person (person_id, code, name)
SELECT n, 'p' || lpad(n::text, 4, '0'), 'Person ' || n FROM generate_series(1, 1000) AS n;
INSERT INTO employment (code, person_id, during, role)
SELECT 'job' || n, n, daterange((:'until'::date - 1200), NULL),
  CASE WHEN n = 1 THEN 'executive' WHEN n <= 100 THEN 'manager' ELSE 'rep' END
FROM generate_series(1, 1000) AS n;
INSERT INTO reporting_line (code, person_id, manager_id, during)
SELECT 'line' || n, n,
  CASE WHEN n <= 11 THEN 1 WHEN n <= 100 THEN 2 + n % 10 ELSE 12 + n % 89 END,
  daterange((:'until'::date - 1200), NULL)
FROM generate_series(2, 1000) AS n;
INSERT INTO territory (territory_id, code, name)
SELECT n, 't' || n, 'Territory ' || n FROM generate_series(1, 50) AS n;
INSERT INTO territory_assignment (code, territory_id, person_id, during)
SELECT 'work' || n, 1 + n % 50, n, daterange((:'until'::date - 1200), NULL) FROM generate_series(1, 1000) AS n;

-- ---- the market ----
INSERT INTO segment (segment_id, code, name) SELECT n, 's' || n, 'Segment ' || n FROM generate_series(1, 5) AS n;
INSERT INTO account (account_id, code, name, segment_id, territory_id, prospect_since)
SELECT n, 'a' || n, 'Account ' || n, 1 + n % 5, 1 + n % 50, :'until'::date - 1200
FROM generate_series(1, :accounts) AS n;
INSERT INTO product (product_id, code, name, family)
SELECT n, 'product' || n, 'Product ' || n, 'family' || n % 4 FROM generate_series(1, 20) AS n;

-- ---- the deals ----
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'new', 'New business'), (2, 'grow', 'Growth');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome)
SELECT p * 10 + n, 'stage' || p || n, p, (ARRAY['Lead', 'Discovery', 'Proposal', 'Negotiation', 'Won', 'Lost'])[n], n,
  (ARRAY['open', 'open', 'open', 'open', 'won', 'lost'])[n]
FROM generate_series(1, 2) AS p, generate_series(1, 6) AS n;
INSERT INTO stage_rule (code, stage_id, during, probability)
SELECT 'rule' || stage_id, stage_id, daterange(NULL, NULL), (ARRAY[0.1, 0.25, 0.5, 0.75])[position]
FROM stage WHERE outcome = 'open';

CREATE UNLOGGED TABLE public.deal AS
SELECT n, 1 + (draw(n, 1) < 0.3)::int AS pipeline_id,
  101 + floor(900 * draw(n, 2) ^ 1.6)::int AS owner_id,
  least(60, 2 + floor(-9.3 * ln(1 - draw(n, 3))))::int AS changes,
  date_trunc(CASE WHEN is_dated THEN 'day' ELSE 'second' END,
    :'until'::timestamptz - interval '1095 days' * (1 - (n + draw(n, 4)) / (:deals + 1.0)) ^ 1.1) AS created_at,
  -- days from the creation to the close
  least(700, 20 + 70 * exp(0.9 * sqrt(-2 * ln(1 - draw(n, 5))) * cos(2 * pi() * draw(n, 6)))) AS cycle,
  draw(n, 7) AS fate, is_dated,
  1 + floor(4 * draw(n, 8) ^ 0.7)::int AS last_stage,
  least(5e7, 500 * round((20 * exp(1.2 * sqrt(-2 * ln(1 - draw(n, 9))) * cos(2 * pi() * draw(n, 10))))::numeric))::numeric AS amount
FROM generate_series(1, :deals) AS n,
  LATERAL (SELECT draw(n, 11) < 0.3 AS is_dated) AS grain;

-- won 0.28, lost 0.67, never closed 0.05
CREATE UNLOGGED TABLE public.change AS
SELECT n AS opportunity_id, at.changed_at, row_number() OVER (ORDER BY at.changed_at, n, k) AS seq,
  pipeline_id * 10 +
    CASE
      WHEN k = changes AND fate < 0.28 THEN 5
      WHEN k = changes AND fate < 0.95 THEN 6
      -- forward in even steps, and now and then back
      ELSE greatest(1, ceil(CASE WHEN fate < 0.28 THEN 4 ELSE last_stage END * least(1, k / greatest(changes - 1.0, 1)))
        - (draw(n * 64 + k, 12) < 0.05)::int)::int
    END AS stage_id,
  CASE WHEN draw(n * 64 + k, 13) < 0.02 THEN NULL ELSE amount * (ARRAY[1, 1, 1, 1, 0.9, 1.1])[1 + floor(6 * draw(n * 64 + k / 3, 14))::int] END AS amount,
  (CASE WHEN k = changes AND fate < 0.28 THEN at.changed_at
    ELSE created_at + interval '1 day' * (30 + cycle * (0.5 + k / changes::float8)) END)::date AS expected_close,
  CASE WHEN k > changes / 2 AND draw(n, 15) < 0.05 THEN 101 + (owner_id + 7) % 900 ELSE owner_id END AS owner_id,
  (ARRAY['pipeline', 'best_case', 'most_likely', 'commit'])[1 + floor(4 * k / (changes + 1.0))::int] AS forecast_category,
  CASE WHEN k = changes AND fate >= 0.28 AND fate < 0.95 AND draw(n, 16) < 0.8
    THEN (ARRAY['price', 'timing', 'no budget', 'product', 'relationship', 'no decision'])[1 + floor(6 * draw(n, 17) ^ 1.5)::int] END AS lost_reason,
  CASE WHEN k = changes AND fate >= 0.28 AND fate < 0.95 AND draw(n, 18) < 0.4
    THEN 'Competitor ' || 1 + floor(8 * draw(n, 19) ^ 2)::int END AS competitor
FROM public.deal
CROSS JOIN LATERAL generate_series(1, changes) AS k
CROSS JOIN LATERAL (
  SELECT CASE WHEN k = 1 THEN created_at
    ELSE date_trunc(CASE WHEN is_dated THEN 'day' ELSE 'second' END,
      created_at + interval '1 day' * cycle * least(1, (k - 1 + 0.8 * draw(n * 64 + k, 20) - 0.4) / greatest(changes - 1, 1))) END AS changed_at
) AS at
WHERE at.changed_at < :'until';

-- the keys come back when the rows are there
CREATE TEMP TABLE kept AS
SELECT contype, format('ALTER TABLE opportunity_change ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) AS definition,
  format('ALTER TABLE opportunity_change DROP CONSTRAINT %I', conname) AS removal
FROM pg_constraint
WHERE conrelid = 'opportunity_change'::regclass AND (contype = 'p' OR contype = 'f' AND confrelid = conrelid);
SELECT removal FROM kept ORDER BY contype \gexec

INSERT INTO opportunity_change (opportunity_id, changed_at, seq, recorded_at, stage_id, amount, expected_close,
  owner_id, forecast_category, lost_reason, competitor)
SELECT opportunity_id, changed_at, seq, changed_at, stage_id, amount, expected_close,
  owner_id, forecast_category, lost_reason, competitor
FROM public.change
ORDER BY seq;
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, recorded_at, stage_id, amount, expected_close,
  owner_id, forecast_category, lost_reason, competitor, corrects)
SELECT opportunity_id, changed_at, (SELECT max(seq) FROM public.change) + row_number() OVER (ORDER BY seq),
  changed_at + interval '1 day', stage_id, amount / 10, expected_close,
  owner_id, forecast_category, lost_reason, competitor, seq
FROM public.change
WHERE draw(seq, 21) < 0.0005;
SELECT definition FROM kept ORDER BY contype DESC \gexec
SELECT setval(pg_get_serial_sequence('opportunity_change', 'seq'), (SELECT max(seq) FROM opportunity_change)) \g /dev/null

INSERT INTO opportunity (opportunity_id, code, name, account_id, pipeline_id, product_id, kind, source, created_at, currency,
  stage_id, amount, expected_close, owner_id, forecast_category, lost_reason, competitor, changed_at, change_place, change_seq,
  stage_before_id, amount_before, first_changed_at, first_stage_id, first_owner_id)
SELECT d.n, 'd' || d.n, 'Deal ' || d.n, 1 + floor(:accounts * draw(d.n, 22) ^ 2)::int, d.pipeline_id,
  1 + floor(20 * draw(d.n, 23))::int, (ARRAY['new', 'existing', 'renewal'])[1 + floor(3 * draw(d.n, 24))::int],
  (ARRAY['referral', 'branch', 'campaign', 'cold call', 'website'])[1 + floor(5 * draw(d.n, 25))::int], d.created_at, 'USD',
  h.stage_id, h.amount, h.expected_close, h.owner_id, h.forecast_category, h.lost_reason, h.competitor,
  h.changed_at, h.place, h.seq, before.stage_id, before.amount, first.changed_at, first.stage_id, first.owner_id
FROM public.deal AS d
LEFT JOIN (
  SELECT DISTINCT ON (opportunity_id) *, coalesce(corrects, seq) AS place
  FROM opportunity_change
  ORDER BY opportunity_id, changed_at DESC, coalesce(corrects, seq) DESC, seq DESC
) AS h ON h.opportunity_id = d.n
LEFT JOIN (
  SELECT DISTINCT ON (opportunity_id) *, coalesce(corrects, seq) AS place
  FROM opportunity_change
  ORDER BY opportunity_id, changed_at, coalesce(corrects, seq), seq DESC
) AS first ON first.opportunity_id = d.n
LEFT JOIN LATERAL change_up_to(d.n, h.changed_at, h.place) AS before ON true
ORDER BY d.n;
SELECT setval(pg_get_serial_sequence('opportunity', 'opportunity_id'), :deals) \g /dev/null

-- ---- the activities: five a deal, when its changes are; one of a hundred lies ahead ----
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id)
SELECT n, (ARRAY['call', 'discovery', 'proposal', 'visit'])[n], (ARRAY['Call', 'Discovery meeting', 'Proposal meeting', 'Visit'])[n], NULL
FROM generate_series(1, 4) AS n;
INSERT INTO activity (code, activity_kind_id, person_id, account_id, opportunity_id, planned_for, held_at, outcome, minutes)
SELECT 'act' || row_number() OVER (ORDER BY held_at), kind, owner_id, NULL, opportunity_id,
  CASE WHEN outcome = 'held' THEN NULL ELSE held_at END, CASE WHEN outcome = 'held' THEN held_at END, outcome, 30
FROM (
  SELECT c.opportunity_id, c.owner_id, 1 + floor(4 * draw(c.seq, 26) ^ 1.5)::int AS kind,
    CASE WHEN o.stage_id % 10 < 5 AND c.seq = o.change_seq AND draw(c.seq, 29) < 0.3
      THEN :'until'::timestamptz + interval '1 day' * (1 + 20 * draw(c.seq, 30)) ELSE c.changed_at END AS held_at,
    CASE WHEN o.stage_id % 10 < 5 AND c.seq = o.change_seq AND draw(c.seq, 29) < 0.3 THEN 'planned'
      WHEN draw(c.seq, 28) < 0.05 THEN 'not_held' ELSE 'held' END AS outcome
  FROM opportunity_change AS c
  JOIN opportunity AS o ON o.opportunity_id = c.opportunity_id
  WHERE draw(c.seq, 27) < 0.5 AND c.corrects IS NULL
) AS a
ORDER BY held_at;

-- ---- what is booked: the wins ----
INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, currency, opportunity_id)
SELECT 'b' || o.opportunity_id, o.expected_close, o.account_id, o.owner_id, o.product_id, 1, o.amount, 'USD', o.opportunity_id
FROM opportunity AS o
WHERE o.stage_id % 10 = 5 AND o.amount IS NOT NULL;
DROP TABLE public.deal, public.change;
VACUUM ANALYZE;
