-- What a demo book does to be known, whom its clients refer, how its markets grow, and the
-- surprises that come upon its people.

CREATE FUNCTION salesmgmt.demo_marketing(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first_day CONSTANT date := salesmgmt.demo_first_day(months, until);
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  INSERT INTO segment_growth (code, segment_id, during, growth_rate, source)
  SELECT 'market-' || s.code || '-' || q.code, s.segment_id, q.during,
    round((g.a_quarter - 0.005 + 0.01 * demo_random(seed, 'market ' || s.code || q.code))::numeric, 4), 'Chamber of Commerce'
  FROM (VALUES ('small', 0.008), ('mid', 0.015), ('practice', 0.03), ('wealthy', 0.02)) AS g (segment, a_quarter)
  JOIN segment AS s ON s.code = g.segment
  JOIN period AS q ON q.kind = 'quarter' AND lower(q.during) >= first_day AND upper(q.during) <= until
  ORDER BY lower(q.during), s.segment_id;

  -- The bank wants a tenth more from whom it has, some from new ones, and a little from what is new;
  -- managers agree with every rep on clients kept and won.  All in the newest quarters that have plans.
  INSERT INTO plan_target (code, plan_id, metric_id, during, target, revised_at)
  SELECT plan.code || '-' || goal.metric, plan.plan_id, m.metric_id, plan.during, goal.target,
    least(lower(plan.during) - 15, until - 1)::timestamp AT TIME ZONE 'UTC'
  FROM plan
  JOIN person AS p USING (person_id)
  JOIN (VALUES
    ('exec-%', 1, 'bookings_growth_existing_accounts', 150000.0 * reps), ('exec-%', 2, 'bookings_growth_new_accounts', 120000.0 * reps),
    ('exec-%', 3, 'bookings_growth_new_products', 60000.0 * reps), ('exec-%', 4, 'balance_growth_existing_accounts', 100000.0 * reps),
    ('exec-%', 5, 'balance_growth_new_accounts', 350000.0 * reps),
    ('rep-%', 6, 'client_retention', 0.97), ('rep-%', 7, 'new_clients', 1)) AS goal (who, place, metric, target) ON p.code LIKE goal.who
  JOIN metric AS m ON m.code = goal.metric
  WHERE plan.kind = 'quota'
  ORDER BY plan.plan_id, goal.place;
  INSERT INTO standard (code, metric_id, role, norm, per, during)
  SELECT 'product_range-rep', m.metric_id, 'rep', 2, 'month', daterange(first_day, NULL)
  FROM metric AS m
  WHERE m.code = 'product_range';

  -- Who refers: a client of the same district, for deals that came by referral.
  UPDATE opportunity
  SET referred_by = found.account_id
  FROM (
    SELECT o.opportunity_id,
      (array_agg(friend.account_id ORDER BY demo_random(seed, 'refers ' || o.code || friend.code), friend.account_id))[1] AS account_id
    FROM opportunity AS o
    JOIN account AS a ON a.account_id = o.account_id
    -- every third client of a district speaks of the bank
    JOIN account AS friend
      ON friend.territory_id = a.territory_id
      AND friend.account_id <> a.account_id
      AND friend.client_since < (o.created_at AT TIME ZONE 'UTC')::date
      AND (friend.client_until > (o.created_at AT TIME ZONE 'UTC')::date) IS NOT FALSE
      AND demo_random(seed, 'speaks ' || friend.code) < 0.34
    WHERE o.source = 'referral'
    GROUP BY o.opportunity_id
  ) AS found
  WHERE found.opportunity_id = opportunity.opportunity_id;

  -- A region has one event a quarter; the next ones are planned.
  INSERT INTO campaign (code, name, kind, person_id, territory_id, segment_id, during, budget, cost)
  SELECT 'campaign-' || q.code || '-' || region.code,
    initcap(replace(is_like.kind, '_', ' ')) || ' for ' || lower(s.name) || ', ' || region.name, is_like.kind,
    boss.person_id, region.territory_id, s.segment_id,
    daterange(is_like.day, is_like.day + CASE is_like.kind WHEN 'article' THEN 28 ELSE 1 END),
    is_like.budget,
    CASE WHEN is_like.day < until
      THEN 50 * round(is_like.budget * (0.8 + 0.4 * demo_random(seed, 'cost ' || q.code || region.code))::numeric / 50) END
  FROM period AS q
  JOIN territory AS region ON region.parent_id IS NULL
  JOIN person AS boss ON boss.code = replace(region.code, 'region', 'mgr')
  CROSS JOIN LATERAL (
    SELECT (ARRAY['seminar', 'lunch_and_learn', 'open_house', 'social_event', 'talk', 'article'])[1 + (turn.n + region.territory_id) % 6] AS kind,
      (ARRAY[6000, 2500, 9000, 12000, 1500, 1000])[1 + (turn.n + region.territory_id) % 6]::numeric AS budget,
      demo_weekday(lower(q.during) + 20 + floor(40 * demo_random(seed, 'event ' || q.code || region.code))::int) AS day,
      turn.n
    FROM (SELECT (extract(year FROM lower(q.during)) * 4 + extract(quarter FROM lower(q.during)))::bigint) AS turn (n)
  ) AS is_like
  JOIN segment AS s ON s.code = (ARRAY['small', 'mid', 'practice', 'wealthy'])[1 + (is_like.n + region.territory_id) % 4]
  WHERE q.kind = 'quarter' AND lower(q.during) >= first_day AND lower(q.during) < until + 60
  ORDER BY lower(q.during), region.territory_id;

  -- People met for the first time at an event: prospects since that day.
  INSERT INTO account (code, name, segment_id, territory_id, prospect_since)
  SELECT 'E' || lpad((c.campaign_id * 10 + n)::text, 5, '0'),
    (ARRAY['Amber', 'Beacon', 'Cobalt', 'Dune', 'Ember', 'Fjord', 'Garnet', 'Heron', 'Ivory', 'Jade', 'Kestrel'])[1 + (c.campaign_id * 3 + n) % 11]
    || ' ' ||
    (ARRAY['Advisers', 'Breweries', 'Ceramics', 'Drilling', 'Events', 'Fitness', 'Gardens', 'Housing', 'Imports', 'Jewellers',
      'Kitchens', 'Lighting', 'Motors'])[1 + (c.campaign_id * 5 + n) % 13],
    c.segment_id, district.territory_id, lower(c.during)
  FROM campaign AS c
  CROSS JOIN LATERAL generate_series(1, floor(3 * demo_random(seed, 'met at ' || c.code))::int) AS n
  JOIN LATERAL (
    SELECT t.territory_id
    FROM territory AS t
    WHERE t.parent_id = c.territory_id
    ORDER BY demo_random(seed, 'met in ' || c.code || n || t.code), t.territory_id
    LIMIT 1
  ) AS district ON true
  WHERE lower(c.during) < until
  ORDER BY c.campaign_id, n;
  INSERT INTO account_owner (code, account_id, person_id, during, reason)
  SELECT 'owner-' || a.code || '-1', a.account_id, work.person_id, daterange(a.prospect_since, upper(work.during)), 'met at an event'
  FROM account AS a
  JOIN territory_assignment AS work ON work.territory_id = a.territory_id AND work.during @> a.prospect_since
  WHERE starts_with(a.code, 'E')
  ORDER BY a.account_id;

  -- Three weeks before, some of the region's accounts are invited; most of them answer, and half come.
  INSERT INTO campaign_response (code, campaign_id, account_id, kind, responded_at, invited_by, guests)
  SELECT c.code || '-' || a.code || '-' || answer.kind, c.campaign_id, a.account_id, answer.kind,
    (answer.day::timestamp + make_interval(mins => 540 + floor(480 * demo_random(seed, 'answers ' || c.code || a.code || answer.kind))::int)) AT TIME ZONE 'UTC',
    owner.person_id,
    CASE answer.kind WHEN 'attended' THEN 1 + floor(2.5 * demo_random(seed, 'guests ' || c.code || a.code))::int ELSE 1 END
  FROM campaign AS c
  JOIN territory AS t ON t.parent_id = c.territory_id
  JOIN account AS a ON a.territory_id = t.territory_id
  CROSS JOIN LATERAL (
    SELECT demo_random(seed, 'comes ' || c.code || a.code) AS draw, a.prospect_since = lower(c.during) AS is_new
  ) AS fate
  CROSS JOIN LATERAL (VALUES
    ('invited', lower(c.during) - 21, NOT fate.is_new),
    ('declined', lower(c.during) - 14, NOT fate.is_new AND fate.draw < 0.05),
    ('registered', lower(c.during) - 10, NOT fate.is_new AND fate.draw BETWEEN 0.05 AND 0.2),
    ('attended', lower(c.during), fate.is_new OR fate.draw BETWEEN 0.08 AND 0.2),
    ('enquired', lower(c.during) + 3, fate.draw BETWEEN 0.17 AND 0.22)) AS answer (kind, day, happens)
  LEFT JOIN account_owner AS owner ON owner.account_id = a.account_id AND owner.during @> answer.day
  WHERE answer.happens AND answer.day < until
    AND (fate.is_new OR fate.draw < 0.25 AND least(a.prospect_since, a.client_since) < lower(c.during) - 21)
    AND (a.client_until > lower(c.during)) IS NOT FALSE
  ORDER BY answer.day, c.campaign_id, a.account_id, answer.kind;
  -- deals that somebody noted where they came from
  INSERT INTO campaign_response (code, campaign_id, account_id, kind, responded_at, opportunity_id)
  SELECT DISTINCT ON (o.account_id, c.campaign_id)
    c.code || '-' || o.code, c.campaign_id, o.account_id, 'enquired', o.created_at - interval '1 day', o.opportunity_id
  FROM opportunity AS o
  JOIN account AS a ON a.account_id = o.account_id
  JOIN territory AS t ON t.territory_id = a.territory_id
  JOIN campaign AS c
    ON c.territory_id = t.parent_id
    AND (o.created_at AT TIME ZONE 'UTC')::date BETWEEN lower(c.during) + 2 AND lower(c.during) + 75
  WHERE o.source = 'campaign' AND demo_random(seed, 'noted ' || o.code) < 0.25
  ORDER BY o.account_id, c.campaign_id, o.created_at, o.opportunity_id
  ON CONFLICT (campaign_id, account_id, kind) DO NOTHING;

  -- In two weeks of five something comes up for a rep, in four of five for a manager.
  INSERT INTO request (code, person_id, origin, requested_by, account_id, requested_at, hours, subject, gave_way, metric_id)
  SELECT 'request-' || p.code || '-' || to_char(week.monday::timestamp, 'YYYY-MM-DD'), p.person_id, is_like.origin,
    CASE is_like.origin WHEN 'manager' THEN line.manager_id WHEN 'executive' THEN top.person_id END,
    CASE WHEN is_like.origin = 'client' THEN (
      SELECT o.account_id
      FROM account_owner AS o
      WHERE o.person_id = p.person_id AND o.during @> week.day
      ORDER BY demo_random(seed, 'request of ' || p.code || week.n || o.account_id), o.account_id
      LIMIT 1) END,
    (week.day::timestamp + make_interval(mins => 480 + floor(540 * demo_random(seed, 'asked ' || p.code || week.n))::int)) AT TIME ZONE 'UTC',
    CASE WHEN is_like.draw < 0.95 THEN 0.5 * (1 + floor(8 * demo_random(seed, 'hours ' || p.code || week.n))) END,
    (ARRAY['figures for a meeting', 'a complaint', 'a form that was missing', 'a visit nobody had announced'])[1 + floor(4 * demo_random(seed, 'subject ' || p.code || week.n))::int],
    away.what, m.metric_id
  FROM (
    SELECT w.person_id, date_trunc('week', w.day::timestamp)::date AS monday,
      date_trunc('week', w.day::timestamp)::date - date '2000-01-01' AS n,
      (array_agg(w.day ORDER BY demo_random(seed, 'request day ' || w.person_id || w.day - date '2000-01-01'), w.day))[1] AS day
    FROM working_day(daterange(first_day, until)) AS w
    GROUP BY w.person_id, 2, 3
  ) AS week
  JOIN person AS p USING (person_id)
  JOIN employment AS job ON job.person_id = p.person_id AND job.during @> week.day AND job.role IN ('rep', 'manager')
  JOIN person AS top ON top.code = 'exec-1'
  LEFT JOIN reporting_line AS line ON line.person_id = p.person_id AND line.during @> week.day
  CROSS JOIN LATERAL (
    SELECT demo_random(seed, 'draw ' || p.code || week.n) AS draw,
      (ARRAY['client', 'client', 'manager', 'executive', 'colleague', 'other'])[1 + floor(6 * demo_random(seed, 'origin ' || p.code || week.n))::int] AS origin
  ) AS is_like
  LEFT JOIN (VALUES (1, 'calls', 'calls'), (2, 'a discovery meeting', 'discovery_meetings'), (3, 'preparing a proposal', NULL)) AS away (place, what, metric)
    ON away.place = 1 + floor(5 * demo_random(seed, 'gave way ' || p.code || week.n))::int
  LEFT JOIN metric AS m ON m.code = away.metric
  WHERE demo_random(seed, 'comes up ' || p.code || week.n) < CASE job.role WHEN 'rep' THEN 0.4 ELSE 0.8 END
  ORDER BY week.monday, p.person_id;

  RAISE NOTICE '%: % campaigns, % responses, % requests', book, (SELECT count(*) FROM campaign),
    (SELECT count(*) FROM campaign_response), (SELECT count(*) FROM request);
  ANALYZE campaign, campaign_response, request, account, account_owner, opportunity;
END $$;
COMMENT ON FUNCTION salesmgmt.demo_marketing(text, int, int, int, date) IS
'Fills the campaigns, referrals, market growth and surprises of a demo book; create_demo_book() calls it';
