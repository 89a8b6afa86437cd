-- pipeline_review on a small company, counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('review_book');
SET search_path = review_book, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT (SELECT count(*) FROM pipeline_review), (SELECT count(*) FROM pipeline_review_evidence());

-- 20 working days from 2 to 29 June 2025; Dan came on Monday 23, Eve was away for all of it; Mia leads Ann and Bob
INSERT INTO person (person_id, code, name) VALUES (1, 'mia', 'Mia'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob'), (4, 'cyd', 'Cyd'), (5, 'dan', 'Dan'), (6, 'eve', 'Eve');
INSERT INTO employment (person_id, during, role) VALUES
  (1, '[2020-01-01,)', 'manager'), (2, '[2020-01-01,)', 'rep'), (3, '[2020-01-01,)', 'rep'), (4, '[2020-01-01,)', 'rep'), (5, '[2025-06-23,)', 'rep'), (6, '[2020-01-01,)', 'rep');
INSERT INTO absence (person_id, during) VALUES (6, '[2025-06-01,2025-07-01)');
INSERT INTO reporting_line (person_id, manager_id, during) SELECT p, 1, '[2020-01-01,)' FROM generate_series(2, 3) AS p;
-- 10 calls a week, 5 discovery and 2.5 proposal meetings; nothing said of wins
INSERT INTO metric (metric_id, code, name, unit) VALUES (101, 'calls', 'Calls', 'count'), (102, 'intros', 'Discovery', 'count'), (103, 'offers', 'Proposals', 'count');
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id, counts_as) VALUES
  (1, 'call', 'Call', 101, 'call'), (2, 'intro', 'Discovery', 102, 'discovery'), (3, 'offer', 'Proposal', 103, 'proposal');
INSERT INTO standard (metric_id, role, norm, per, during) VALUES (101, 'rep', 10, 'week', '[2025-01-01,)'), (102, 'rep', 5, 'week', '[2025-01-01,)'), (103, 'rep', 2.5, 'week', '[2025-01-01,)');
INSERT INTO activity (code, activity_kind_id, person_id, held_at)
SELECT who || '-' || kind || '-' || n, kind, who, timestamptz '2025-06-10 12:00+00'
FROM (VALUES (2, 1, 40), (2, 2, 20), (2, 3, 10), (3, 1, 20), (3, 2, 10), (3, 3, 5), (4, 1, 40), (4, 2, 20), (4, 3, 10)) AS v (who, kind, times)
CROSS JOIN LATERAL generate_series(1, times) AS n;
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES (1, 'talk', 1, 'Talk', 1, 'open'), (2, 'won', 1, 'Won', 2, 'won');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at) SELECT n, 'o' || n, 1, '2025-05-01' FROM generate_series(1, 7) AS n;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id)
SELECT n, '2025-06-20', 2, CASE WHEN n <= 4 THEN 2 WHEN n <= 6 THEN 3 ELSE 4 END FROM generate_series(1, 7) AS n;

-- As of 29 June.  Everybody else is a peer.
-- Ann did what was asked, and won 4 of 10 where the others won 3 of 15: 2 more than expected, all of it at winning.
-- Bob made half of the calls and won 2 of 5, the others 5 of 20: 2 against 2.5.  The logarithmic mean of these is 2.2407:
--   the calls cost 2.2407 * ln 0.5 = -1.5531, winning brought 2.2407 * ln 1.6 = 1.0531.  5 proposals are too few to judge by.
--   20 calls where 40 were asked for are 20 / sqrt(40) = 3.16 deviations off, and 2.50 are beyond chance for four links at 95 %.
-- Cyd won 1 of 10, the others 6 of 15: 3 too few, all of them at winning.  18 % of all ways to deal out 7 wins are as uneven.
-- Dan had 5 days, made no call, and the others won 7 of 25: 5 * 2 / 2 / 2 * 0.28 = 0.7 too few, all at calls.  Eve was away.
SELECT person, link, done, base, ratio, peers, peer_done, peer_base, round(peer_ratio::numeric, 4) AS peer_ratio, norm, norm_ratio, compared_with AS by, round(expected_ratio::numeric, 4) AS expected
FROM pipeline_review('2025-06-29 12:00+00', during => '[2025-06-02,2025-07-01)') ORDER BY person, link_position;
SELECT person, link, won, round(expected_won::numeric, 4) AS expected_won, round(gap::numeric, 4) AS gap, round(gap_part::numeric, 4) AS part, too_few, beyond_chance AS beyond, is_cause, finding
FROM pipeline_review('2025-06-29 12:00+00', during => '[2025-06-02,2025-07-01)') ORDER BY person, link_position;
-- For ranking, 10 proposals more that go as the peers': Ann (4 + 2) / 20, Bob (2 + 2.5) / 15, Cyd (1 + 4) / 20, Dan 2.8 / 10.
SELECT person, round(ratio::numeric, 4) AS ratio, round(shrunk_ratio::numeric, 4) AS shrunk, rank, ranked
FROM pipeline_review('2025-06-29 12:00+00', during => '[2025-06-02,2025-07-01)') WHERE link = 'won' ORDER BY rank, person;
-- the worst first, link by link; a manager's people; with 5 cases enough, Bob is still below by his calls
SELECT person, link, is_cause FROM pipeline_review('2025-06-29 12:00+00', 'mia', '[2025-06-02,2025-07-01)', '{"review_min_n": 5}');

-- A count against a norm of 40: 27 is 2.06 deviations off, 28 is 1.90.  Against peers who made 80 calls on 45 days, 20 on 20 are
-- 2.33 off, being 20 where 100 * 20 / 65 were their share.  The bounds of 0 of 10 reach 0.2775, at 98.75 % 0.3842.  Fisher of 1 of 10
-- and 9 of 15 is (3003 + 50050 + 4725 + 150 + 1) / 3268760 = 0.0177.  More meetings than calls are a count: 30 of 70 are 1.69 off with
-- a third of the calls, 1.20 with half of them.  A norm of more than one a call is no share either: of 105 asked for 90 are 1.46
-- off, 80 are 2.44.  Without a call, and with nobody to compare with, there is no answer.
SELECT n, is_beyond_chance(done, base, norm, peer_done, peer_base, is_count, confidence)
FROM (VALUES (1, 27, 20, 2.0, 0, 0, true, 0.95), (2, 28, 20, 2.0, 0, 0, true, 0.95), (3, 20, 20, NULL, 80, 45, true, 0.95), (4, 20, 20, NULL, 80, 45, true, 0.9875),
  (5, 0, 10, 0.27, 0, 0, false, 0.95), (6, 0, 10, 0.28, 0, 0, false, 0.95), (7, 0, 10, 0.38, 0, 0, false, 0.9875), (8, 0, 10, 0.39, 0, 0, false, 0.9875),
  (9, 1, 10, NULL, 9, 15, false, 0.95), (10, 1, 10, NULL, 9, 15, false, 0.9875), (11, 30, 20, NULL, 40, 40, false, 0.9), (12, 30, 20, NULL, 40, 20, false, 0.9),
  (13, 0, 0, 0.5, 3, 9, false, 0.95), (14, 4, 9, NULL, 0, 0, false, 0.95), (15, 4, 9, NULL, 0, 0, true, 0.95), (16, 12, 9, NULL, 0, 0, false, 0.95), (17, 90, 100, 1.05, 0, 0, false, 0.95), (18, 80, 100, 1.05, 0, 0, false, 0.95)
) AS v (n, done, base, norm, peer_done, peer_base, is_count, confidence) ORDER BY n;

-- With a norm of wins of 1 in 2.5 proposals all are compared with that; in the evening of the 19th nothing is won yet.
INSERT INTO standard (metric_id, role, norm, per, during) SELECT metric_id, 'rep', 1, 'week', '[2025-01-01,)' FROM metric WHERE code = 'deals_won';
SELECT person, done, base, norm, norm_ratio, compared_with, round(expected_won::numeric, 4) AS expected, round(gap_part::numeric, 4) AS part
FROM pipeline_review('2025-06-29 12:00+00', during => '[2025-06-02,2025-07-01)') WHERE link = 'won' ORDER BY person;
SELECT person, done, base, round(gap::numeric, 4) AS gap, round(gap_part::numeric, 4) AS part, finding FROM pipeline_review('2025-06-19 18:00+00', 'ann', '[2025-06-02,2025-07-01)') WHERE link IN ('proposal', 'won') ORDER BY done DESC;

-- Cyd's discovery meetings are missing from the records: the proposals answer for both links, 10 of 10 expected.
DELETE FROM activity WHERE person_id = 4 AND activity_kind_id = 2;
SELECT link, done, base, ratio, round(gap_part::numeric, 4) AS part, finding FROM pipeline_review('2025-06-29 12:00+00', 'cyd', '[2025-06-02,2025-07-01)') ORDER BY link_position;
-- without norms of them and without peers who held any there is nothing to compare with
DELETE FROM standard;
SELECT link, done, peer_ratio, norm_ratio, compared_with, gap, gap_part, finding FROM pipeline_review('2025-06-29 12:00+00', 'cyd', '[2025-06-23,2025-07-01)') ORDER BY link_position;
-- what was counted
SELECT link, figure, count(*), sum(value) FROM pipeline_review_evidence('2025-06-29 12:00+00', 'bob', '[2025-06-02,2025-07-01)') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FROM pipeline_review('2025-06-29', during => 'empty');
SELECT count(*) FROM pipeline_review('2025-06-29', during => '[2025-08-01,)');
-- where no kind of activity counts as a step, nobody has called anybody
UPDATE activity_kind SET counts_as = NULL;
SELECT person, done, base, expected_ratio, finding FROM pipeline_review('2025-06-29 12:00+00', during => '[2025-06-02,2025-07-01)') WHERE link = 'calls' ORDER BY person;
-- before anybody had a job, and of no days: nothing to review
SELECT count(*) FROM pipeline_review('1999-01-01');
SELECT count(*) FROM pipeline_review('2025-06-29', options => '{"review_days": -1}');
-- what is refused
SELECT * FROM pipeline_review(person => 'nobody');
SELECT * FROM pipeline_review(options => '{"review": 3}');
SELECT * FROM pipeline_review(options => '{"confidence": 0}');

DROP SCHEMA review_book CASCADE;
RESET search_path;
