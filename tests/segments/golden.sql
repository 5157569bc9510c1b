-- name: everybody
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL AND TRUE AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: stage
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND "t0"."stage" >= CAST(%(p0)s AS BIGINT)
  AND "t0"."stage" <= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: synthetic
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND NOT (
    "t0"."synthetic"
  )
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: orders_within
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM "orders" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."state" = 'paid'
        AND "t1"."paid_at" > (
          CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
        )
        AND "t1"."paid_at" <= CAST(%(now)s AS TIMESTAMPTZ)
        AND "t1"."shop" = %(p1)s
    ) AS "t2"
  ) >= CAST(%(p2)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: orders_of_sku
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM "orders" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."state" = 'paid'
        AND COALESCE(
          (
            SELECT
              SUM("t6"."quantity") AS "Sum(quantity)"
            FROM (
              SELECT
                *
              FROM "order_item" AS "t4"
              WHERE
                "t4"."order_id" = "t1"."id" AND "t4"."sku" = %(p0)s
            ) AS "t6"
          ),
          0
        ) > COALESCE(
          (
            SELECT
              SUM("t8"."quantity") AS "Sum(quantity)"
            FROM (
              SELECT
                *
              FROM "refund" AS "t2"
              WHERE
                "t2"."order_id" = "t1"."id"
                AND "t2"."sku" IN (
                  SELECT
                    "t5"."sku"
                  FROM "order_item" AS "t5"
                  WHERE
                    "t5"."order_id" = "t1"."id" AND "t5"."sku" = %(p0)s
                )
            ) AS "t8"
          ),
          0
        )
    ) AS "t11"
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: orders_of_category_cancelled
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM "orders" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."state" = 'cancelled'
        AND (
          SELECT
            COUNT(*) AS "CountStar()"
          FROM (
            SELECT
              *
            FROM "order_item" AS "t3"
            WHERE
              "t3"."order_id" = "t1"."id" AND "t3"."category" = %(p0)s
          ) AS "t4"
        ) > 0
    ) AS "t6"
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: spent
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND COALESCE(
    (
      SELECT
        SUM("t4"."value") AS "Sum(value)"
      FROM (
        SELECT
          (
            "t1"."total_minor" - "t1"."refunded_minor"
          ) * CASE WHEN "t1"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM "orders" AS "t1"
        WHERE
          "t1"."customer_id" = "t0"."id"
          AND "t1"."state" = 'paid'
          AND "t1"."paid_at" > (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
          )
          AND "t1"."paid_at" <= CAST(%(now)s AS TIMESTAMPTZ)
          AND "t1"."currency" = (
            SELECT
              "t2"."currency"
            FROM "brand" AS "t2"
          )
      ) AS "t4"
    ),
    0
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: spent_in_yen
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND COALESCE(
    (
      SELECT
        SUM("t2"."value") AS "Sum(value)"
      FROM (
        SELECT
          (
            "t1"."total_minor" - "t1"."refunded_minor"
          ) * CASE WHEN "t1"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM "orders" AS "t1"
        WHERE
          "t1"."customer_id" = "t0"."id"
          AND "t1"."state" = 'paid'
          AND "t1"."currency" = %(p0)s
      ) AS "t2"
    ),
    0
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: friend
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "friendship" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        ) AND (
          "t1"."state" = 'live'
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: tag
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "tag" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."name" = %(p0)s
        )
        AND (
          (
            "t1"."until" IS NULL
          )
          OR (
            "t1"."until" > CAST(%(now)s AS TIMESTAMPTZ)
          )
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: tag_older
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "tag" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."name" = %(p0)s
        )
        AND (
          (
            "t1"."until" IS NULL
          )
          OR (
            "t1"."until" > CAST(%(now)s AS TIMESTAMPTZ)
          )
        )
        AND (
          "t1"."tagged_at" <= (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
          )
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: consent
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      MAX("t2"."changed_at") AS "Max(changed_at)"
    FROM (
      SELECT
        *
      FROM "consent" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."channel" = %(p0)s
        AND "t1"."purpose" = %(p1)s
        AND "t1"."state" = 'given'
    ) AS "t2"
  ) IS NOT NULL
  AND (
    (
      (
        SELECT
          MAX("t3"."changed_at") AS "Max(changed_at)"
        FROM (
          SELECT
            *
          FROM "consent" AS "t1"
          WHERE
            "t1"."customer_id" = "t0"."id"
            AND "t1"."channel" = %(p0)s
            AND "t1"."purpose" = %(p1)s
            AND "t1"."state" = 'withdrawn'
        ) AS "t3"
      ) IS NULL
    )
    OR (
      (
        SELECT
          MAX("t2"."changed_at") AS "Max(changed_at)"
        FROM (
          SELECT
            *
          FROM "consent" AS "t1"
          WHERE
            "t1"."customer_id" = "t0"."id"
            AND "t1"."channel" = %(p0)s
            AND "t1"."purpose" = %(p1)s
            AND "t1"."state" = 'given'
        ) AS "t2"
      ) > (
        SELECT
          MAX("t3"."changed_at") AS "Max(changed_at)"
        FROM (
          SELECT
            *
          FROM "consent" AS "t1"
          WHERE
            "t1"."customer_id" = "t0"."id"
            AND "t1"."channel" = %(p0)s
            AND "t1"."purpose" = %(p1)s
            AND "t1"."state" = 'withdrawn'
        ) AS "t3"
      )
    )
  )
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: known
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND "t0"."created_at" > (
    CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
  )
  AND "t0"."created_at" <= (
    CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
  )
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: identity
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "identity" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        ) AND "t1"."kind" IN (%(p0)s, %(p1)s)
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: share
SELECT
  "t1"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND MD5(%(p0)s || CAST("t0"."id" AS VARCHAR)) < %(p1)s
) AS "t1"
WHERE
  "t1"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: orders_between
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM "orders" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."state" = 'paid'
        AND "t1"."paid_at" > (
          CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
        )
        AND "t1"."paid_at" <= (
          CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
        )
    ) AS "t2"
  ) BETWEEN CAST(%(p2)s AS BIGINT) AND CAST(%(p3)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: orders_first_and_last
SELECT
  "t6"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "orders" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."state" = 'paid'
        )
        AND (
          "t1"."paid_at" > (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
          )
        )
        AND (
          "t1"."paid_at" <= CAST(%(now)s AS TIMESTAMPTZ)
        )
    )
    AND NOT (
      EXISTS(
        SELECT
          1
        FROM "orders" AS "t1"
        WHERE
          (
            "t1"."customer_id" = "t0"."id"
          )
          AND (
            "t1"."state" = 'paid'
          )
          AND (
            "t1"."paid_at" <= (
              CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
            )
          )
      )
    )
    AND COALESCE(
      (
        SELECT
          MAX("t2"."paid_at") AS "Max(paid_at)"
        FROM (
          SELECT
            *
          FROM "orders" AS "t1"
          WHERE
            "t1"."customer_id" = "t0"."id" AND "t1"."state" = 'paid'
        ) AS "t2"
      ) <= (
        CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
      ),
      FALSE
    )
) AS "t6"
WHERE
  "t6"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: spent_at_most
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND COALESCE(
    (
      SELECT
        SUM("t4"."value") AS "Sum(value)"
      FROM (
        SELECT
          (
            "t1"."total_minor" - "t1"."refunded_minor"
          ) * CASE WHEN "t1"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM "orders" AS "t1"
        WHERE
          "t1"."customer_id" = "t0"."id"
          AND "t1"."state" = 'paid'
          AND "t1"."currency" = (
            SELECT
              "t2"."currency"
            FROM "brand" AS "t2"
          )
      ) AS "t4"
    ),
    0
  ) <= CAST(%(p0)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: friend_deleted
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "friendship" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."state" <> 'live'
        )
        AND (
          "t1"."staff" = %(p0)s
        )
        AND (
          "t1"."deleted_at" > (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
          )
        )
        AND (
          "t1"."deleted_at" <= CAST(%(now)s AS TIMESTAMPTZ)
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: group
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "group_member" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."joined_at" IS NOT NULL
        )
        AND (
          (
            "t1"."left_at" IS NULL
          ) OR (
            "t1"."left_at" <= "t1"."joined_at"
          )
        )
        AND (
          "t1"."chat" = %(p0)s
        )
        AND (
          "t1"."joined_at" > (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
          )
        )
        AND (
          "t1"."joined_at" <= CAST(%(now)s AS TIMESTAMPTZ)
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: tag_any_of
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "tag" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND "t1"."name" IN (%(p0)s, %(p1)s)
        AND (
          "t1"."source" = %(p2)s
        )
        AND (
          (
            "t1"."until" IS NULL
          )
          OR (
            "t1"."until" > CAST(%(now)s AS TIMESTAMPTZ)
          )
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: tag_prefix
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "tag" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND STARTS_WITH("t1"."name", %(p0)s)
        AND (
          (
            "t1"."until" IS NULL
          )
          OR (
            "t1"."until" > CAST(%(now)s AS TIMESTAMPTZ)
          )
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: touched
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM "touch" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."sent_at" IS NOT NULL
        AND "t1"."state" IN ('replied')
        AND "t1"."channel" = %(p0)s
        AND "t1"."sent_at" > (
          CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
        )
        AND "t1"."sent_at" <= CAST(%(now)s AS TIMESTAMPTZ)
    ) AS "t2"
  ) >= CAST(%(p2)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: touched_long_ago
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND COALESCE(
    (
      SELECT
        MAX("t2"."sent_at") AS "Max(sent_at)"
      FROM (
        SELECT
          *
        FROM "touch" AS "t1"
        WHERE
          "t1"."customer_id" = "t0"."id" AND "t1"."sent_at" IS NOT NULL
      ) AS "t2"
    ) <= (
      CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
    ),
    FALSE
  )
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: offer
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "promise" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."offer" = %(p0)s
        )
        AND "t1"."state" IN (%(p1)s, %(p2)s)
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: date
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "customer_date" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."name" = %(p0)s
        )
        AND (
          POSITION(
            ',' || "t1"."calendar" || CAST((
              CAST("t1"."month" AS BIGINT) * 100
            ) + "t1"."day" + 10000 AS VARCHAR) || '=' IN %(p1)s
          ) > 0
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: festival
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND %(p0)s = %(p1)s
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: event
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t4"."customer_id",
          "t6"."kind",
          "t6"."occurred_at",
          "t6"."data"
        FROM "identity" AS "t4"
        INNER JOIN "event_subject" AS "t5"
          ON "t5"."identity_id" = "t4"."id"
        INNER JOIN "event" AS "t6"
          ON "t6"."id" = "t5"."event_id"
      ) AS "t7"
      WHERE
        "t7"."customer_id" = "t0"."id"
        AND "t7"."kind" = %(p0)s
        AND CAST(CASE
          WHEN JSON_EXTRACT_PATH_TEXT(CAST("t7"."data" AS JSON), 'd', 'total_minor') ~ '^-?[0-9]{1,18}$'
          THEN JSON_EXTRACT_PATH_TEXT(CAST("t7"."data" AS JSON), 'd', 'total_minor')
          ELSE '0'
        END AS BIGINT) >= CAST(%(p1)s AS BIGINT)
        AND "t7"."occurred_at" > (
          CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p2)s AS INTERVAL SECOND)
        )
        AND "t7"."occurred_at" <= CAST(%(now)s AS TIMESTAMPTZ)
    ) AS "t8"
  ) >= CAST(%(p3)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: sequence
SELECT
  "t17"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM (
        SELECT
          "t14"."customer_id",
          "t14"."at"
        FROM (
          SELECT
            "t1"."customer_id",
            "t1"."paid_at" AS "at"
          FROM "orders" AS "t1"
          WHERE
            "t1"."state" = 'paid'
            AND COALESCE(
              (
                SELECT
                  SUM("t8"."quantity") AS "Sum(quantity)"
                FROM (
                  SELECT
                    *
                  FROM "order_item" AS "t4"
                  WHERE
                    "t4"."order_id" = "t1"."id" AND "t4"."sku" = %(p0)s
                ) AS "t8"
              ),
              0
            ) > COALESCE(
              (
                SELECT
                  SUM("t10"."quantity") AS "Sum(quantity)"
                FROM (
                  SELECT
                    *
                  FROM "refund" AS "t2"
                  WHERE
                    "t2"."order_id" = "t1"."id"
                    AND "t2"."sku" IN (
                      SELECT
                        "t5"."sku"
                      FROM "order_item" AS "t5"
                      WHERE
                        "t5"."order_id" = "t1"."id" AND "t5"."sku" = %(p0)s
                    )
                ) AS "t10"
              ),
              0
            )
            AND "t1"."paid_at" <= CAST(%(now)s AS TIMESTAMPTZ)
        ) AS "t14"
        WHERE
          EXISTS(
            SELECT
              1
            FROM (
              SELECT
                "t1"."customer_id",
                "t1"."paid_at" AS "at"
              FROM "orders" AS "t1"
              WHERE
                "t1"."state" = 'paid' AND "t1"."paid_at" <= CAST(%(now)s AS TIMESTAMPTZ)
            ) AS "t7"
            WHERE
              "t14"."customer_id" = "t7"."customer_id"
              AND "t7"."at" > "t14"."at"
              AND "t7"."at" <= CAST(%(now)s AS TIMESTAMPTZ)
              AND "t7"."at" <= (
                "t14"."at" + CAST(%(p1)s AS INTERVAL SECOND)
              )
          )
      ) AS "t15"
      WHERE
        "t15"."customer_id" = "t0"."id"
    )
) AS "t17"
WHERE
  "t17"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: sequence_not
SELECT
  "t9"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM (
        SELECT
          "t6"."customer_id",
          "t6"."at"
        FROM (
          SELECT
            "t1"."customer_id",
            "t1"."added_at" AS "at"
          FROM "friendship" AS "t1"
          WHERE
            "t1"."state" = 'live'
            AND "t1"."added_at" <= CAST(%(now)s AS TIMESTAMPTZ)
            AND "t1"."added_at" <= (
              CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
            )
        ) AS "t6"
        WHERE
          NOT EXISTS(
            SELECT
              1
            FROM (
              SELECT
                "t2"."customer_id",
                "t2"."sent_at" AS "at"
              FROM "touch" AS "t2"
              WHERE
                "t2"."sent_at" IS NOT NULL AND "t2"."sent_at" <= CAST(%(now)s AS TIMESTAMPTZ)
            ) AS "t4"
            WHERE
              "t6"."customer_id" = "t4"."customer_id"
              AND "t4"."at" > "t6"."at"
              AND "t4"."at" <= CAST(%(now)s AS TIMESTAMPTZ)
              AND "t4"."at" <= (
                "t6"."at" + CAST(%(p0)s AS INTERVAL SECOND)
              )
          )
      ) AS "t7"
      WHERE
        "t7"."customer_id" = "t0"."id"
    )
) AS "t9"
WHERE
  "t9"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: segment
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM "orders" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id" AND "t1"."state" = 'paid'
    ) AS "t2"
  ) >= CAST(%(p0)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: segments_twice
WITH "t9" AS (
  SELECT
    "t0"."id"
  FROM "customer" AS "t0"
  WHERE
    "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]))
    AND (
      SELECT
        COUNT(*) AS "CountStar()"
      FROM (
        SELECT
          *
        FROM "orders" AS "t3"
        WHERE
          "t3"."customer_id" = "t0"."id" AND "t3"."state" = 'paid'
      ) AS "t4"
    ) >= CAST(%(p0)s AS BIGINT)
)
SELECT
  "t15"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND (
      "t0"."id" IN (
        SELECT
          *
        FROM "t9" AS "t11"
      )
      OR (
        "t0"."id" IN (
          SELECT
            *
          FROM "t9" AS "t12"
        )
        AND NOT (
          (
            SELECT
              COUNT(*) AS "CountStar()"
            FROM (
              SELECT
                *
              FROM "touch" AS "t2"
              WHERE
                "t2"."customer_id" = "t0"."id"
                AND "t2"."sent_at" IS NOT NULL
                AND "t2"."sent_at" > (
                  CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
                )
                AND "t2"."sent_at" <= CAST(%(now)s AS TIMESTAMPTZ)
            ) AS "t5"
          ) >= CAST(%(p2)s AS BIGINT)
        )
        AND EXISTS(
          SELECT
            1
          FROM "tag" AS "t1"
          WHERE
            (
              "t1"."customer_id" = "t0"."id"
            )
            AND (
              "t1"."name" = %(p3)s
            )
            AND (
              (
                "t1"."until" IS NULL
              )
              OR (
                "t1"."until" > CAST(%(now)s AS TIMESTAMPTZ)
              )
            )
        )
      )
    )
) AS "t15"
WHERE
  "t15"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: a_tree
SELECT
  "t5"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND (
      (
        EXISTS(
          SELECT
            1
          FROM "friendship" AS "t1"
          WHERE
            (
              "t1"."customer_id" = "t0"."id"
            ) AND (
              "t1"."state" = 'live'
            )
        )
        AND NOT (
          EXISTS(
            SELECT
              1
            FROM "tag" AS "t2"
            WHERE
              (
                "t2"."customer_id" = "t0"."id"
              )
              AND (
                "t2"."name" = %(p0)s
              )
              AND (
                (
                  "t2"."until" IS NULL
                )
                OR (
                  "t2"."until" > CAST(%(now)s AS TIMESTAMPTZ)
                )
              )
          )
        )
      )
      OR (
        (
          "t0"."stage" >= CAST(%(p1)s AS BIGINT)
        )
        AND (
          "t0"."stage" <= CAST(%(p2)s AS BIGINT)
        )
      )
    )
) AS "t5"
WHERE
  "t5"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

