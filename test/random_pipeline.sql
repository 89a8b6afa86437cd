-- A book of a few hundred random deals, for tests that compare reports with their oracles.
-- Include it after setseed(): \ir ../random_pipeline.sql
-- ---- a random book ------------------------------------------------------------
-- Ten people; 1 leads 2 and 3, who lead the others by turns; 4 leads nobody, then 5, then nobody.
INSERT INTO person (person_id, code, name) SELECT p, 'p' || p, 'Person ' || p FROM generate_series(1, 10) AS p;
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT p, CASE WHEN p <= 3 THEN 1 WHEN p = 5 AND part = 2 THEN 4 ELSE 2 + (random() < 0.5)::int END,
  (ARRAY['[2024-01-01,2025-09-15)', '[2025-09-15,2026-02-10)', '[2026-02-10,)'])[part]::daterange
FROM generate_series(2, 10) AS p, generate_series(1, 3) AS part;

-- Two pipelines; lost stages lie between the others, positions have gaps.
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'long', 'Long'), (2, 'short', 'Short'), (3, 'unused', 'Unused');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (1, 'l1', 1, 'One', 10, 'open'), (2, 'l2', 1, 'Two', 20, 'open'), (3, 'l3', 1, 'Three', 40, 'open'),
  (4, 'l4', 1, 'Four', 50, 'open'), (5, 'lw', 1, 'Won', 60, 'won'), (6, 'lx', 1, 'Lost early', 30, 'lost'),
  (7, 'ly', 1, 'Lost late', 70, 'lost'),
  (8, 's1', 2, 'Ask', 1, 'open'), (9, 'sw', 2, 'Yes', 3, 'won'), (10, 'sx', 2, 'No', 2, 'lost'),
  (11, 'u1', 3, 'Idle', 1, 'open');
INSERT INTO stage_rule (stage_id, during, probability) VALUES
  (1, '[2025-01-01,2026-01-01)', 0.1), (1, '[2026-01-01,)', 0.15), (2, '[2025-01-01,)', 0.3),
  (4, '[2025-01-01,)', 0.8), (8, '[2025-01-01,2026-03-01)', 0.4);

CREATE TEMP TABLE deal AS
SELECT id, 1 + (random() < 0.3)::int AS pipeline,
  timestamptz '2025-01-15' + floor(random() * 500) * interval '1 day'
    + (CASE WHEN random() < 0.5 THEN floor(random() * 86400) ELSE 0 END) * interval '1 second' AS created_at
FROM generate_series(1, 250) AS id;
-- the last 25 come with a state and no history, or with nothing
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id, owner_id, amount, expected_close)
SELECT id, 'd' || id, pipeline, created_at,
  CASE WHEN id > 225 AND id <= 245 THEN CASE pipeline WHEN 1 THEN 1 + floor(random() * 7) ELSE 8 + floor(random() * 3) END END,
  CASE WHEN id > 225 AND random() < 0.9 THEN 1 + floor(random() * 10) END,
  CASE WHEN id > 225 AND random() < 0.7 THEN floor(random() * 5) * 100 END,
  CASE WHEN id > 225 AND random() < 0.7 THEN created_at::date + floor(random() * 90)::int END
FROM deal;
-- up to nine changes, several in one instant, a few of them before the creation and a few in another pipeline
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close)
SELECT id, at, stage, owner, amount, at::date + (random() * 100)::int - 20
FROM (
  SELECT id,
    created_at + CASE WHEN random() < 0.05 THEN interval '-2 days' ELSE floor(random() * random() * 40) * interval '1 day' END
      * (1 + 4 * random())::int AS at,
    CASE WHEN (pipeline = 1) = (random() < 0.96) THEN 1 + floor(random() * 7) ELSE 8 + floor(random() * 3) END AS stage,
    CASE WHEN random() < 0.7 THEN 1 + id % 10 WHEN random() < 0.95 THEN 1 + floor(random() * 10) END AS owner,
    CASE WHEN random() < 0.8 THEN floor(random() * 6) * 100 + (random() < 0.1)::int * 0.25 END AS amount
  FROM deal
  CROSS JOIN LATERAL generate_series(1, (id * 7919) % 10) AS change
  WHERE id <= 225
) AS c
ORDER BY random();
-- every tenth row is corrected, some of them twice
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close, corrects)
SELECT opportunity_id, changed_at,
  CASE WHEN stage_id <= 7 THEN 1 + floor(random() * 7) ELSE 8 + floor(random() * 3) END,
  1 + floor(random() * 10), floor(random() * 6) * 100, expected_close, seq
FROM opportunity_change, generate_series(1, 1 + (seq % 3 = 0)::int)
WHERE seq % 10 = 0 AND corrects IS NULL
ORDER BY opportunity_id, seq;
