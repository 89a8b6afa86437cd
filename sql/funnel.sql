-- stage_entry, funnel, funnel_by_rep, stage_duration on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('funnel_book');
SET search_path = funnel_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM stage_entry;
SELECT count(*) FROM funnel;
SELECT count(*) FROM funnel_by_rep;
SELECT count(*) FROM stage_duration;

INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2024-01-01,)'), (3, 1, '[2024-01-01,)');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard'), (2, 'mini', 'Short');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (11, 'lead', 1, 'Lead', 10, 'open'),
  (12, 'meet', 1, 'Meeting', 20, 'open'),
  (13, 'offer', 1, 'Offer', 30, 'open'),
  (15, 'lost', 1, 'Lost', 35, 'lost'),
  (14, 'won', 1, 'Won', 40, 'won'),
  (21, 'ask', 2, 'Ask', 1, 'open'),
  (22, 'yes', 2, 'Yes', 2, 'won'),
  (23, 'rival', 2, 'To a rival', 3, 'lost'),
  (24, 'no_budget', 2, 'No budget', 4, 'lost');

-- Stages without deals: every stage once, nothing entered.
SELECT pipeline, stage, step, entered, reached, conversion_rate, step_rate, lost, pending FROM funnel;
SELECT pipeline, stage, visits, open_visits, open_share, median_days FROM stage_duration;

INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at) VALUES
  (1, 'd1', 1, '2026-01-01'), (2, 'd2', 1, '2026-01-01'), (3, 'd3', 1, '2026-01-02'),
  (4, 'd4', 1, '2026-01-01'), (5, 'd5', 1, '2026-01-10'), (7, 'd7', 1, '2026-02-01'),
  (8, 'd8', 1, '2025-01-01'), (9, 'd9', 1, '2026-01-01'),
  (21, 'm1', 2, '2026-02-01'), (22, 'm2', 2, '2026-02-01'), (23, 'm3', 2, '2026-02-10'), (24, 'm4', 2, '2026-02-05');
-- d6 came as lost, without a history
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id, owner_id)
VALUES (6, 'd6', 1, '2026-01-15', 15, 3);
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, owner_id, corrects) VALUES
  -- d1 goes all the way, 10 days a stage; an amount changes in between
  (1, '2026-01-01', 1, 11, 2, NULL), (1, '2026-01-11', 2, 12, 2, NULL), (1, '2026-01-12', 3, 12, 2, NULL),
  (1, '2026-01-21', 4, 13, 2, NULL), (1, '2026-01-31', 5, 14, 2, NULL),
  -- d2 skips the meeting and is lost at the offer
  (2, '2026-01-01', 11, 11, 2, NULL), (2, '2026-01-05', 12, 13, 2, NULL), (2, '2026-01-15', 13, 15, 2, NULL),
  -- d3 goes from Ann to Bob, back to lead and to the meeting again
  (3, '2026-01-02', 21, 11, 2, NULL), (3, '2026-01-04', 22, 12, 3, NULL), (3, '2026-01-06', 23, 11, 3, NULL),
  (3, '2026-01-10', 24, 12, 3, NULL),
  -- d4 is lead and meeting in one instant, is lost, and is reopened
  (4, '2026-01-01', 31, 11, 3, NULL), (4, '2026-01-01', 32, 12, 3, NULL), (4, '2026-01-03', 33, 15, 3, NULL),
  (4, '2026-01-05', 34, 12, 3, NULL),
  -- d5 is lost as a lead
  (5, '2026-01-10', 41, 11, 3, NULL), (5, '2026-01-20', 42, 15, 3, NULL),
  -- d7 is won after the day of the report
  (7, '2026-02-01', 51, 11, 2, NULL), (7, '2026-04-15', 52, 14, 2, NULL),
  -- d8 is of the year before
  (8, '2025-01-01', 61, 11, 2, NULL), (8, '2025-02-01', 62, 14, 2, NULL),
  -- d9 was entered as won by mistake
  (9, '2026-01-01', 71, 11, 3, NULL), (9, '2026-01-02', 72, 14, 3, NULL), (9, '2026-01-02', 73, 12, 3, 72),
  -- m1 is won in the instant it is asked
  (21, '2026-02-01', 81, 21, 3, NULL), (21, '2026-02-01', 82, 22, 3, NULL),
  -- m2 is lost for one reason, then for another
  (22, '2026-02-01', 91, 21, 2, NULL), (22, '2026-02-02', 92, 23, 2, NULL), (22, '2026-02-03', 93, 24, 2, NULL),
  -- m3 is nobody's
  (23, '2026-02-10', 101, 21, NULL, NULL),
  -- m4 is lost and reopened in one instant
  (24, '2026-02-05', 111, 21, 2, NULL), (24, '2026-02-07', 112, 23, 2, NULL), (24, '2026-02-07', 113, 21, 2, NULL);

\set march '\'2026-03-01\''

-- Entries: a change of amount is none, the corrected win of d9 is none.
SELECT opportunity, pipeline, stage, stage_position AS pos, step, outcome, person,
  entered_at::date AS entered, left_at::date AS left, is_current, stage_days
FROM stage_entry(:march)
ORDER BY pipeline, opportunity, entered_at, left_at NULLS LAST;

-- The funnel on 1 March, deals of the last 365 days.  Standard, by hand:
--   lead     8: all but d8
--   meeting  5: d1, d2 (by the offer), d3, d4, d9; lost d5, d6; pending d7
--   offer    2: d1, d2; pending d3, d4 (reopened), d9
--   won      1: d1; lost d2
-- Days from lead to meeting: 10 4 2 0 1, so median 2 and p90 4 + 0.6 * 6 = 7.6
--   to offer: 20 4, so 12 and 18.4; from meeting to offer: 10 0, so 5 and 9
-- Short: ask 4; yes 1 (m1, in no time); lost m2; pending m3, m4 (reopened in the instant of the loss)
SELECT pipeline, stage, step, entered, reached, conversion_rate, step_rate, lost, pending, mature_rate
FROM funnel(:march);
SELECT pipeline, stage, median_days, round(p90_days::numeric, 9) AS p90_days,
  step_median_days, round(step_p90_days::numeric, 9) AS step_p90_days
FROM funnel(:march);

-- D12: a deal that re-enters counts once, a lost deal stays where it got to, a skipped stage is filled.
SELECT stage, reached, lost, pending, reached + lost + pending - lag(reached) OVER (ORDER BY step) AS "0"
FROM funnel(:march)
WHERE pipeline = 'std';

-- D17: a transition of no length counts: without d4 the median would be 3, without m1 there would be none.
SELECT pipeline, stage, step_median_days FROM funnel(:march) WHERE step = 2;

-- A deal is credited as a whole to its owner at the first entry: d3 is Ann's.
--   Ann d1 d2 d3 d7 and m2 m4; Bob d4 d5 d6 d9 and m1; nobody m3
SELECT person, person_name, pipeline, stage, entered, reached, conversion_rate, step_rate, lost, pending
FROM funnel_by_rep(:march);
-- They add up to the funnel.
SELECT pipeline, step, sum(rep.entered) = max(f.entered) AND sum(rep.reached) = max(f.reached)
  AND sum(rep.lost) = max(f.lost) AND sum(rep.pending) = max(f.pending) AS same
FROM funnel(:march) AS f
JOIN funnel_by_rep(:march) AS rep USING (pipeline, step)
GROUP BY pipeline, step
ORDER BY pipeline, step;

-- One person, a team, another time, another year, another time zone, a window.
SELECT stage, entered, reached, lost, pending FROM funnel(:march, 'ann') WHERE pipeline = 'std';
SELECT stage, entered, reached, lost, pending FROM funnel(:march, 'meg') WHERE pipeline = 'mini';
--   on 4 January at noon: d1 and d2 are leads, d3 d4 d9 have met, d4 is lost since
SELECT stage, entered, reached, lost, pending FROM funnel('2026-01-04 12:00') WHERE pipeline = 'std';
SELECT stage, entered, reached FROM funnel(:march, during => '[2025-01-01,2026-01-01)') WHERE pipeline = 'std';
--   in New York the deals of 1 January 0:00 UTC are of 2025: d3 d5 d6 d7 are left
SELECT max(entered) FROM funnel(:march, during => '[2026-01-01,)', options => '{"time_zone": "America/New_York"}')
WHERE pipeline = 'std';
--   within 5 days d2 d3 d4 d9 reach the meeting; all windows have passed
SELECT stage, entered, reached, lost, pending, mature_rate
FROM funnel(:march, options => '{"funnel_within_days": 5}')
WHERE pipeline = 'std';
SELECT count(*) FILTER (WHERE entered > 0) FROM funnel(:march, during => 'empty');
SELECT * FROM funnel(:march, 'zoe');
SELECT * FROM funnel(:march, options => '{"within": 5}');
SELECT * FROM funnel(:march, options => '{"funnel_within_days": -5}');

-- Time in stage on 1 March, every visit:
--   lead     10 4 2 4 0 10 28+ 31 1, so median 4 and p90 28 + 0.2 * 3; ended: 4 and 10 + 0.3 * 21
--   meeting  10 2 50+ 2 55+ 58+, so 30 and 55 + 0.5 * 3; ended: 2 and 2 + 0.8 * 8
--   offer    10 10
--   ask      0 1 19+ 2 22+, so 2 and 19 + 0.6 * 3; ended: 1 and 1.8
SELECT pipeline, stage, visits, open_visits AS open, round(open_share::numeric, 4) AS open_share,
  median_days, round(p90_days::numeric, 9) AS p90_days, ended_median_days, round(ended_p90_days::numeric, 9) AS ended_p90_days
FROM stage_duration(:march);
-- Their visits are the entries of open stages, and Bob's those he owned at the entry.
SELECT sum(visits) = (SELECT count(*) FROM stage_entry(:march) WHERE outcome = 'open') AS same FROM stage_duration(:march);
SELECT stage, visits, open_visits FROM stage_duration(:march, 'bob', '[2026-01-04,2026-02-01)') WHERE pipeline = 'std';

-- The views are the functions of this moment.
SELECT (SELECT count(*) FROM stage_entry) = (SELECT count(*) FROM stage_entry()) AS entries,
  (SELECT count(*) FROM funnel) = 6 AS stages,
  (SELECT sum(visits) FROM stage_duration) = 22 AS visits;

DROP SCHEMA funnel_book CASCADE;
