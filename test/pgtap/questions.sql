-- doc/questions.md and the views of a book say the same: every view with its question, and no
-- column that is not there.
\ir ../begin.sql
\set doc `cat doc/questions.md`
\set pages `ls doc`
SELECT FROM salesmgmt.create_book('asked');
SELECT plan(7);

CREATE TEMP TABLE line AS
SELECT text
FROM regexp_split_to_table(:'doc', '\n') AS t (text);

CREATE TEMP TABLE question AS
SELECT part[1] AS question, part[2] AS name, part[3] AS page
FROM (SELECT regexp_match(text, '^\| (.*) \| `(\w+)` \| \[\w+\]\((\w+\.md)\) \|$') AS part FROM line) AS t
WHERE part IS NOT NULL;

CREATE TEMP VIEW shown AS
SELECT c.relname::text AS name, obj_description(c.oid, 'pg_class') AS question, c.oid
FROM pg_class AS c
WHERE c.relnamespace = 'asked'::regnamespace AND c.relkind IN ('v', 'm')
  -- what the reports read
  AND c.relname NOT IN ('opportunity_history', 'credited_booking');

CREATE TEMP TABLE mentioned AS
SELECT part[1] AS name, part[2] AS col
FROM line
CROSS JOIN LATERAL regexp_matches(text, '`(\w+)\.(\w+)`', 'g') AS part
WHERE text LIKE '| %';

SELECT cmp_ok((SELECT count(*) FROM question), '>', 50::bigint, 'the page was read');
SELECT bag_eq('SELECT name, question FROM question', 'SELECT name, question FROM shown', 'every view stands there with its question, and nothing else does');
SELECT is_empty($$ SELECT name, question FROM shown WHERE question !~ '\?$' $$, 'each asks something');
SELECT is_empty(format($$ SELECT DISTINCT page FROM question WHERE page <> ALL (string_to_array(%L, E'\n')) $$, :'pages'), 'every page named is there');
SELECT cmp_ok((SELECT count(*) FROM mentioned), '>', 60::bigint, 'columns are named');
SELECT is_empty($$ SELECT name, col FROM mentioned AS m WHERE NOT EXISTS (
    SELECT FROM shown AS s JOIN pg_attribute AS a ON a.attrelid = s.oid WHERE s.name = m.name AND a.attname = m.col) $$, 'and each exists');
-- The check sees what it is for.
DROP VIEW asked.win_share;
SELECT isnt_empty('SELECT name, question FROM question EXCEPT SELECT name, question FROM shown', 'a view that is gone is missed');
SELECT * FROM finish();
ROLLBACK;
