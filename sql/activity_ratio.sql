-- activity_ratio on a small company, counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('ratio_book', time_zone => 'Europe/Berlin');
SET search_path = ratio_book, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT count(*) FROM activity_ratio;
SELECT count(*) FROM activity_ratio_evidence();

INSERT INTO person (person_id, code, name) VALUES (1, 'mia', 'Mia'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2025-01-01,)');
INSERT INTO activity_kind (activity_kind_id, code, name, counts_as) VALUES
  (1, 'call', 'Call', 'call'), (2, 'intro', 'First meeting', 'discovery'), (3, 'offer', 'Offer', 'proposal'),
  (4, 'review', 'Review', 'meeting'), (5, 'mail', 'Mail', NULL);
-- how many of a kind on a day; Ann in two months, the last in June by Berlin's clock
INSERT INTO activity (code, activity_kind_id, person_id, held_at)
SELECT who || '-' || kind || '-' || to_char(at, 'MMDD') || n, kind, who, at
FROM (VALUES
  (2, 1, timestamptz '2025-05-05 12:00+02', 20), (2, 2, '2025-05-06 12:00+02', 4), (2, 3, '2025-05-07 12:00+02', 2),
  (2, 4, '2025-05-08 12:00+02', 1), (2, 5, '2025-05-09 12:00+02', 3),
  (2, 1, '2025-05-31 22:30+00', 2),
  (3, 2, '2025-05-31 12:00+02', 3)) AS v (who, kind, at, times)
CROSS JOIN LATERAL generate_series(1, times) AS n;
-- two meetings fell through; a call that did is no meeting; of one nobody has reported; one is to come
INSERT INTO activity (code, activity_kind_id, person_id, planned_for, outcome) VALUES
  ('off1', 2, 2, '2025-05-12 12:00+02', 'not_held'), ('off2', 4, 2, '2025-05-13 12:00+02', 'not_held'),
  ('off3', 1, 2, '2025-05-13 12:00+02', 'not_held'), ('open1', 3, 2, '2025-05-20 12:00+02', 'planned'),
  ('open2', 3, 2, '2025-06-20 12:00+02', 'planned');
-- planned for May, held in June
INSERT INTO activity (code, activity_kind_id, person_id, planned_for, held_at)
VALUES ('late', 4, 2, '2025-05-30 12:00+02', '2025-06-03 12:00+02');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (1, 'talk', 1, 'Talk', 1, 'open'), (2, 'won', 1, 'Won', 2, 'won'), (3, 'lost', 1, 'Lost', 3, 'lost');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id, owner_id) VALUES
  (1, 'o1', 1, '2025-05-06 12:00+02', NULL, NULL), (2, 'o2', 1, '2025-05-07 12:00+02', NULL, NULL),
  (3, 'o3', 1, '2025-05-08 12:00+02', 1, 2), (4, 'o4', 1, '2025-05-08 12:00+02', 1, NULL);
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, expected_close) VALUES
  -- Ann opened it and Bob won it, at the close date entered with the win
  (1, '2025-05-06 12:00+02', 1, 2, NULL), (1, '2025-05-10 12:00+02', 1, 3, NULL), (1, '2025-06-02 12:00+02', 2, 3, '2025-05-31'),
  (2, '2025-05-07 12:00+02', 1, 2, NULL), (2, '2025-06-05 12:00+02', 2, 2, NULL);

-- As of 10 June.  Ann's May: 20 calls, 4 + 2 + 1 meetings, 3 mails; o1, o2, o3 opened; 2 not held, 1 without news;
-- 7 of 9 meetings kept.  June: 2 calls, the review moved there, o2 won: 3 activities for it.
-- Bob's May: 3 meetings, o1 won.  o4 is nobody's.
SELECT person, period_from, period_until, activities, calls, meetings, discovery_meetings AS discovery, opportunities AS deals,
  proposal_meetings AS proposals, won, not_held, unreported FROM activity_ratio('2025-06-10 12:00+02') ORDER BY person, period_from;
SELECT person, period_from, round(meetings_per_call::numeric, 4) AS m_c, round(opportunities_per_meeting::numeric, 4) AS o_m,
  proposals_per_discovery AS p_d, round(proposals_per_opportunity::numeric, 4) AS p_o, won_per_proposal AS w_p,
  calls_per_won AS c_w, activities_per_won AS a_w, due_meetings AS due, round(kept_rate::numeric, 4) AS kept
FROM activity_ratio('2025-06-10 12:00+02') ORDER BY person, period_from;
-- by quarter, the calendar's and the company's own
SELECT person, period_from, period_until, activities, won FROM activity_ratio('2025-06-10 12:00+02', options => '{"ratio_period": "quarter"}') ORDER BY person;
INSERT INTO period (code, name, kind, during) VALUES ('m5', 'May', 'month', '[2025-04-28,2025-06-02)');
SELECT person, period_from, period_until, activities FROM activity_ratio('2025-06-10 12:00+02', 'mia') ORDER BY period_from;
DELETE FROM period;
-- on the evening of 2 June the review is still without news, and nothing of June but two calls is there
SELECT period_from, activities, calls, won, not_held, unreported FROM activity_ratio('2025-06-02 20:00+02', 'ann') ORDER BY period_from;
-- off1 was called off on 3 June: the day before, it was without news, too
UPDATE activity SET called_off_at = '2025-06-03 08:00+02' WHERE code = 'off1';
SELECT period_from, not_held, unreported, due_meetings FROM activity_ratio('2025-06-02 20:00+02', 'ann', '[2025-05-01,2025-06-01)');
SELECT period_from, not_held, unreported, due_meetings FROM activity_ratio('2025-06-10 20:00+02', 'ann', '[2025-05-01,2025-06-01)');
-- a week of May alone
SELECT person, period_from, activities, not_held FROM activity_ratio('2025-06-10 12:00+02', during => '[2025-05-12,2025-05-19)');
SELECT count(*) FROM activity_ratio('2025-06-10 12:00+02', during => 'empty');
SELECT count(*) FROM activity_ratio('2025-06-10 12:00+02', during => '(,)');
-- what stands behind Ann's meetings due in May
SELECT source, source_code, at FROM activity_ratio_evidence('2025-06-10 12:00+02', 'ann')
WHERE figure = 'due_meetings' AND period_from = '2025-05-01' ORDER BY at, source_code;
-- what is refused
SELECT * FROM activity_ratio(person => 'nobody');
SELECT * FROM activity_ratio(options => '{"ratio_period": "week"}');
INSERT INTO activity_kind (code, name, counts_as) VALUES ('x', 'X', 'visit');

DROP SCHEMA ratio_book CASCADE;
RESET search_path;
