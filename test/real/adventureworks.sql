-- AdventureWorks: quota periods on shifted month-ends, orders, the sales people's tree.
-- Every figure is compared with expected.json, which was computed without this project.
\set found `test -r "${SALESMGMT_DATA:-../shared/data}/adventureworks/expected.json" && echo true || echo false`
\if :found
\else
\echo 1..0 # SKIP real data is not at hand
\quit
\endif
\set expected `cat "${SALESMGMT_DATA:-../shared/data}/adventureworks/expected.json"`
\ir ../begin.sql
\ir book_state.sql
SELECT plan(24);

-- ---- the files as they are ----
CREATE TEMP TABLE sales_employee (
  "BusinessEntityID" text, "DwEmployeeKey" text, "FirstName" text, "LastName" text, "JobTitle" text,
  "ManagerBusinessEntityID" text, "DwSalesTerritoryKey" text, "DwHireDate" text, "DwStartDate" text, "DwEndDate" text);
\copy sales_employee FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/adventureworks/sales_employee.csv"' WITH (FORMAT csv, HEADER MATCH)
CREATE TEMP TABLE sales_person (
  "BusinessEntityID" text, "TerritoryID" text, "SalesQuota" text, "Bonus" text, "CommissionPct" text,
  "SalesYTD" text, "SalesLastYear" text);
\copy sales_person FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/adventureworks/sales_person.csv"' WITH (FORMAT csv, HEADER MATCH)
CREATE TEMP TABLE sales_person_quota_history ("BusinessEntityID" text, "QuotaDate" text, "SalesQuota" text);
\copy sales_person_quota_history FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/adventureworks/sales_person_quota_history.csv"' WITH (FORMAT csv, HEADER MATCH)
CREATE TEMP TABLE sales_territory (
  "TerritoryID" text, "Name" text, "CountryRegionCode" text, "Group" text, "SalesYTD" text, "SalesLastYear" text);
\copy sales_territory FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/adventureworks/sales_territory.csv"' WITH (FORMAT csv, HEADER MATCH)
CREATE TEMP TABLE sales_territory_history ("BusinessEntityID" text, "TerritoryID" text, "StartDate" text, "EndDate" text);
\copy sales_territory_history FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/adventureworks/sales_territory_history.csv"' WITH (FORMAT csv, HEADER MATCH)
CREATE TEMP TABLE sales_order_header (
  "SalesOrderID" text, "OrderDate" text, "DueDate" text, "ShipDate" text, "Status" text, "OnlineOrderFlag" text,
  "PurchaseOrderNumber" text, "CustomerID" text, "SalesPersonID" text, "TerritoryID" text, "ShipMethodID" text,
  "SubTotal" text, "TaxAmt" text, "ShippingCost" text, "TotalDue" text);
\copy sales_order_header FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/adventureworks/sales_order_header.csv"' WITH (FORMAT csv, HEADER MATCH)

-- A quota counts from its date to the company's next one; the last ends with the year of the data.
CREATE TEMP VIEW quarter AS
SELECT "QuotaDate" AS since,
  lead("QuotaDate", 1, '2014-06-01') OVER (ORDER BY "QuotaDate") AS until
FROM (SELECT DISTINCT "QuotaDate" FROM sales_person_quota_history) AS q;

-- ---- into a book, through staged tables ----
SELECT salesmgmt.create_book('adventureworks') AS book \gset
CREATE TEMP TABLE loading AS
SELECT n AS place, of_table, of_query
FROM (VALUES
  (1, 'territory', $$ SELECT DISTINCT "Group" AS code, "Group" AS name, NULL AS parent FROM sales_territory
    UNION ALL SELECT "TerritoryID", "Name", "Group" FROM sales_territory $$),
  (2, 'person', $$ SELECT "BusinessEntityID" AS code, "FirstName" || ' ' || "LastName" AS name FROM sales_employee $$),
  (3, 'period', $$ SELECT since AS code, 'Quarter from ' || since AS name, 'quarter' AS kind,
      format('[%s,%s)', since, until) AS during FROM quarter $$),
  -- the dates of sales_employee are of another calendar; somebody is there from the first quota on
  (4, 'employment', $$ SELECT 'job ' || e."BusinessEntityID" AS code, e."BusinessEntityID" AS person,
      format('[%s,)', coalesce(min(q."QuotaDate"), (SELECT min(since) FROM quarter))) AS during,
      CASE WHEN e."JobTitle" ~ 'Vice President' THEN 'executive' WHEN e."JobTitle" ~ 'Manager' THEN 'manager' ELSE 'rep' END AS role
    FROM sales_employee AS e LEFT JOIN sales_person_quota_history AS q USING ("BusinessEntityID")
    GROUP BY e."BusinessEntityID", e."JobTitle" $$),
  -- the vice president's own manager is not among the sales people
  (5, 'reporting_line', $$ SELECT e."BusinessEntityID" AS person, e."ManagerBusinessEntityID" AS manager, '(,)' AS during
    FROM sales_employee AS e WHERE e."ManagerBusinessEntityID" IN (SELECT "BusinessEntityID" FROM sales_employee) $$),
  -- their last day is the day before the next begins
  (6, 'territory_assignment', $$ SELECT "TerritoryID" AS territory, "BusinessEntityID" AS person,
      format('[%s,%s]', "StartDate", "EndDate") AS during FROM sales_territory_history $$),
  (7, 'plan', $$ SELECT 'quota ' || "BusinessEntityID" AS code, 'quota' AS kind, "BusinessEntityID" AS person,
      format('[%s,2014-06-01)', min("QuotaDate")) AS during
    FROM sales_person_quota_history GROUP BY "BusinessEntityID" $$),
  (8, 'plan_target', $$ SELECT 'quota ' || q."BusinessEntityID" AS plan, 'bookings' AS metric,
      format('[%s,%s)', since, until) AS during, q."SalesQuota" AS target, since AS revised_at
    FROM sales_person_quota_history AS q JOIN quarter ON since = q."QuotaDate" $$),
  (9, 'booking', $$ SELECT "SalesOrderID" AS code, "OrderDate" AS booked_on, "SalesPersonID" AS person,
      "TerritoryID" AS territory, "SubTotal" AS amount FROM sales_order_header $$)
) AS l (n, of_table, of_query);
CREATE TEMP TABLE first_time AS
SELECT l.place, done.* FROM loading AS l CROSS JOIN LATERAL pg_temp.load('adventureworks', l.of_table, l.of_query) AS done;
SELECT pg_temp.book_state('adventureworks') AS before \gset
CREATE TEMP TABLE second_time AS
SELECT l.place, done.* FROM loading AS l CROSS JOIN LATERAL pg_temp.load('adventureworks', l.of_table, l.of_query) AS done;

SELECT results_eq(
  $$ SELECT of_table, rows FROM first_time WHERE action = 'inserted' ORDER BY place $$,
  $$ VALUES ('territory', 13::bigint), ('person', 18), ('period', 12), ('employment', 18), ('reporting_line', 17),
    ('territory_assignment', 17), ('plan', 17), ('plan_target', 163), ('booking', 31465) $$,
  'every line of every file is in the book');
SELECT results_eq(
  $$ SELECT of_table, action, rows FROM second_time WHERE rows > 0 ORDER BY place $$,
  $$ SELECT of_table, 'same', rows FROM first_time WHERE action = 'inserted' ORDER BY place $$,
  'loaded again, every line is the same');
SELECT is(pg_temp.book_state('adventureworks'), :'before', 'and the book has not changed');

-- ---- the whole company ----
SET LOCAL search_path = adventureworks, salesmgmt, public;
CREATE TEMP TABLE expected AS SELECT :'expected'::jsonb AS figures;
CREATE TEMP TABLE total AS
SELECT v.*, (SELECT count(*) FROM booking WHERE person_id IS NOT NULL) AS orders
FROM (
  SELECT (plan_variance(quota, actual)).*
  FROM (
    SELECT t.target, NULL::numeric FROM plan_target AS t
    UNION ALL
    SELECT NULL, b.amount
    FROM plan_target AS t
    JOIN plan USING (plan_id)
    JOIN booking AS b ON b.person_id = plan.person_id AND b.booked_on <@ t.during::daterange
  ) AS fact (quota, actual)
) AS v;
SELECT is(planned, (figures #>> '{total,quota}')::numeric, 'plan_variance(quota, actual): planned') FROM total, expected;
SELECT is(actual::text, figures #>> '{total,actual}', 'plan_variance(quota, actual): actual, to its last digit') FROM total, expected;
SELECT is(variance::text, figures #>> '{total,variance}', 'plan_variance(quota, actual): variance, to its last digit') FROM total, expected;
SELECT is(round(attainment::numeric * 100, 2)::text, figures #>> '{total,attainment_pct}', 'plan_variance(quota, actual): attainment') FROM total, expected;
SELECT is(attainment, (actual / planned)::float8, 'plan_variance(quota, actual): attainment in all digits') FROM total;
SELECT is(orders::text, figures #>> '{total,orders}', 'orders with a sales person') FROM total, expected;
-- a row a quota, the actual of its period beside it, gives the same
SELECT row_eq(
  $$ SELECT v.planned, v.actual, v.variance, v.attainment
     FROM (SELECT (plan_variance(quota, actual)).* FROM quota_attainment) AS v $$,
  (SELECT ROW(planned, actual, variance, attainment) FROM total),
  'plan_variance over the rows of quota_attainment is the same');
SELECT is((SELECT count(*) FROM quota_attainment), 163::bigint, 'quota_attainment has a row a quota');

-- ---- each sales person ----
CREATE TEMP VIEW person_expected AS
SELECT key AS who, (value ->> 'quota')::numeric AS quota, value ->> 'actual' AS actual, value ->> 'variance' AS variance,
  value ->> 'attainment_pct' AS attainment_pct, (value ->> 'orders')::bigint AS orders
FROM expected, jsonb_each(figures -> 'by_salesperson');
SELECT results_eq(
  $$ SELECT q.person || ' ' || q.person_name, (v.result).planned, (v.result).actual::text, (v.result).variance::text,
       round((v.result).attainment::numeric * 100, 2)::text
     FROM (SELECT person, person_name, plan_variance(quota, actual) AS result FROM quota_attainment GROUP BY 1, 2) AS v
     JOIN (SELECT DISTINCT person, person_name FROM quota_attainment) AS q USING (person)
     ORDER BY 1 $$,
  $$ SELECT who, quota, actual, variance, attainment_pct FROM person_expected ORDER BY 1 $$,
  'quota_attainment: quota, actual, variance and attainment of all 17');
SELECT results_eq(
  $$ SELECT p.code || ' ' || p.name, count(*)
     FROM booking AS b JOIN person AS p USING (person_id)
     WHERE EXISTS (SELECT FROM plan JOIN plan_target AS t USING (plan_id) WHERE plan.person_id = p.person_id AND b.booked_on <@ t.during::daterange)
     GROUP BY 1 ORDER BY 1 $$,
  $$ SELECT who, orders FROM person_expected ORDER BY 1 $$,
  'orders of all 17 fall into their quota periods');
SELECT results_eq(
  $$ SELECT q.person, sum(q.actual)::text
     FROM quota_attainment(during => '[2013-05-30,2014-06-01)') AS q
     GROUP BY 1 ORDER BY 1 $$,
  $$ SELECT "BusinessEntityID", "SalesYTD" FROM sales_person ORDER BY 1 $$,
  'the last four periods give the company''s own SalesYTD, to four decimals, for 17 of 17');

-- ---- the teams ----
SELECT results_eq(
  $$ SELECT t.person_name, max(t.levels_below), sum(t.quota), sum(t.actual)::numeric(20,4)
     FROM team_attainment AS t GROUP BY 1 ORDER BY 1 $$,
  $$ WITH RECURSIVE below (leader, id) AS (
       SELECT "BusinessEntityID", "BusinessEntityID" FROM sales_employee
       UNION ALL
       SELECT below.leader, e."BusinessEntityID" FROM below JOIN sales_employee AS e ON e."ManagerBusinessEntityID" = below.id)
     SELECT l."FirstName" || ' ' || l."LastName", CASE l."JobTitle" WHEN 'Vice President of Sales' THEN 2 ELSE 1 END,
       sum(x.quota), sum(x.actual::numeric)::numeric(20,4)
     FROM below
     JOIN sales_employee AS l ON l."BusinessEntityID" = below.leader
     JOIN person_expected AS x ON split_part(x.who, ' ', 1) = below.id
     WHERE l."JobTitle" !~ 'Representative'
     GROUP BY 1, 2 ORDER BY 1 $$,
  'team_attainment: a manager''s team is the sum of its people, the manager''s own included, at two levels');
SELECT row_eq(
  $$ SELECT sum(quota), sum(actual)::text FROM team_attainment WHERE person_name = 'Brian Welcker' $$,
  (SELECT ROW((figures #>> '{total,quota}')::numeric, figures #>> '{total,actual}') FROM expected),
  'the vice president''s team is the company');
SELECT is((SELECT count(*) FROM team('2013-01-01') AS t JOIN person AS p ON p.person_id = t.leader_id WHERE p.name = 'Brian Welcker' AND t.level = 1),
  3::bigint, 'three managers below the vice president');
SELECT is((SELECT count(*) FROM team('2013-01-01') AS t JOIN person AS p ON p.person_id = t.leader_id WHERE p.name = 'Brian Welcker' AND t.level > 0),
  17::bigint, 'seventeen people in all');

-- ---- the traps ----
SELECT is(
  (SELECT count(*)
   FROM quota_attainment AS q
   JOIN person AS p ON p.code = q.person
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(b.amount), 0) AS actual
     FROM booking AS b
     WHERE b.person_id = p.person_id
       AND b.booked_on >= date_trunc('quarter', q.period_from::timestamp)
       AND b.booked_on < date_trunc('quarter', q.period_from::timestamp) + interval '3 months') AS calendar
   WHERE calendar.actual <> q.actual),
  161::bigint, 'the calendar''s quarters would give another actual for 161 of 163');
SELECT is((SELECT count(*) FROM employment WHERE lower(during) > '2011-05-31'), 7::bigint, 'seven came later');
SELECT is((SELECT count(*) FROM sales_person_quota_history AS q JOIN sales_person AS p USING ("BusinessEntityID") WHERE q."SalesQuota"::numeric = p."SalesQuota"::numeric),
  0::bigint, 'the present quota of a sales person is none of the history');
SELECT is((SELECT sum(amount)::text FROM booking WHERE person_id IS NULL),
  (SELECT sum("SubTotal"::numeric)::text FROM sales_order_header WHERE "SalesPersonID" IS NULL), 'orders without a sales person are nobody''s');
SELECT is((SELECT count(*) FROM territory_assignment AS a JOIN territory_assignment AS b ON a.person_id = b.person_id AND upper(a.during) = lower(b.during)),
  (SELECT count(*) FROM sales_territory_history AS a JOIN sales_territory_history AS b USING ("BusinessEntityID") WHERE a."EndDate"::date + 1 = b."StartDate"::date),
  'a territory''s end date is the last day in it: the next begins without a gap');
SELECT results_eq(
  $$ SELECT person, person_name FROM quota_attainment(person => '274') GROUP BY 1, 2 ORDER BY 1 $$,
  $$ SELECT "BusinessEntityID", "FirstName" || ' ' || "LastName" FROM sales_employee
     WHERE '274' IN ("BusinessEntityID", "ManagerBusinessEntityID") ORDER BY 1 $$,
  'a report on a manager is about the manager and those below');

SELECT * FROM finish();
ROLLBACK;
