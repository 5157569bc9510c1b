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
        SUM("t10"."value") AS "Sum(value)"
      FROM (
        SELECT
          "t9"."minor" * CASE WHEN "t9"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t4"."customer_id",
              "t4"."shop",
              "t4"."currency",
              "t4"."paid_at" AS "at",
              "t4"."total_minor" - "t4"."refunded_minor" AS "minor"
            FROM "orders" AS "t4"
            WHERE
              "t4"."state" = 'paid'
          ) AS "t7"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t5"."customer_id",
              "t5"."shop",
              "t5"."currency",
              "t5"."refunded_at" AS "at",
              -(
                "t5"."amount_minor"
              ) AS "minor"
            FROM "refund" AS "t5"
            WHERE
              "t5"."order_id" IS NULL
              AND "t5"."customer_id" IS NOT NULL
              AND NOT (
                "t5"."whole"
              )
          ) AS "t8"
        ) AS "t9"
        WHERE
          "t9"."customer_id" = "t0"."id"
          AND "t9"."currency" = (
            SELECT
              "t3"."currency"
            FROM "brand" AS "t3"
          )
          AND "t9"."at" > (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
          )
          AND "t9"."at" <= CAST(%(now)s AS TIMESTAMPTZ)
      ) AS "t10"
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
        SUM("t8"."value") AS "Sum(value)"
      FROM (
        SELECT
          "t7"."minor" * CASE WHEN "t7"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t3"."customer_id",
              "t3"."shop",
              "t3"."currency",
              "t3"."paid_at" AS "at",
              "t3"."total_minor" - "t3"."refunded_minor" AS "minor"
            FROM "orders" AS "t3"
            WHERE
              "t3"."state" = 'paid'
          ) AS "t5"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t4"."customer_id",
              "t4"."shop",
              "t4"."currency",
              "t4"."refunded_at" AS "at",
              -(
                "t4"."amount_minor"
              ) AS "minor"
            FROM "refund" AS "t4"
            WHERE
              "t4"."order_id" IS NULL
              AND "t4"."customer_id" IS NOT NULL
              AND NOT (
                "t4"."whole"
              )
          ) AS "t6"
        ) AS "t7"
        WHERE
          "t7"."customer_id" = "t0"."id" AND "t7"."currency" = %(p0)s
      ) AS "t8"
    ),
    0
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: spent_on_category
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND COALESCE(
    (
      SELECT
        SUM("t22"."value") AS "Sum(value)"
      FROM (
        SELECT
          "t21"."minor" * CASE WHEN "t21"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t13"."customer_id",
              "t13"."shop",
              "t13"."currency",
              "t14"."sku",
              "t13"."paid_at" AS "at",
              "t14"."amount_minor" AS "minor"
            FROM (
              SELECT
                *
              FROM "orders" AS "t5"
              WHERE
                "t5"."state" = 'paid'
            ) AS "t13"
            INNER JOIN (
              SELECT
                "t6"."order_id",
                "t6"."sku",
                "t6"."amount_minor"
              FROM "order_item" AS "t6"
              WHERE
                "t6"."category" = %(p0)s
            ) AS "t14"
              ON "t13"."id" = "t14"."order_id"
          ) AS "t17"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t13"."customer_id",
              "t13"."shop",
              "t13"."currency",
              "t19"."sku",
              "t13"."paid_at" AS "at",
              "t19"."minor"
            FROM (
              SELECT
                *
              FROM "orders" AS "t5"
              WHERE
                "t5"."state" = 'paid'
            ) AS "t13"
            INNER JOIN (
              SELECT
                "t16"."order_id",
                "t16"."sku",
                "t16"."currency" AS "money",
                -(
                  "t16"."amount_minor"
                ) AS "minor"
              FROM (
                SELECT
                  *
                FROM "refund" AS "t7"
                WHERE
                  NOT (
                    "t7"."whole"
                  ) AND "t7"."sku" <> ''
              ) AS "t16"
              WHERE
                EXISTS(
                  SELECT
                    1
                  FROM (
                    SELECT
                      *
                    FROM "order_item" AS "t6"
                    WHERE
                      "t6"."category" = %(p0)s
                  ) AS "t15"
                  WHERE
                    "t16"."order_id" = "t15"."order_id" AND "t16"."sku" = "t15"."sku"
                )
            ) AS "t19"
              ON "t13"."id" = "t19"."order_id" AND "t13"."currency" = "t19"."money"
          ) AS "t20"
        ) AS "t21"
        WHERE
          "t21"."customer_id" = "t0"."id"
          AND "t21"."currency" = (
            SELECT
              "t1"."currency"
            FROM "brand" AS "t1"
          )
      ) AS "t22"
    ),
    0
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: spent_on_sku
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND COALESCE(
    (
      SELECT
        SUM("t20"."value") AS "Sum(value)"
      FROM (
        SELECT
          "t19"."minor" * CASE WHEN "t19"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t15"."customer_id",
                "t15"."shop",
                "t15"."currency",
                "t13"."sku",
                "t15"."paid_at" AS "at",
                "t13"."amount_minor" AS "minor"
              FROM (
                SELECT
                  *
                FROM "orders" AS "t6"
                WHERE
                  "t6"."state" = 'paid'
              ) AS "t15"
              INNER JOIN (
                SELECT
                  "t7"."order_id",
                  "t7"."sku",
                  "t7"."amount_minor"
                FROM "order_item" AS "t7"
              ) AS "t13"
                ON "t15"."id" = "t13"."order_id"
            ) AS "t16"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                "t15"."customer_id",
                "t15"."shop",
                "t15"."currency",
                "t14"."sku",
                "t15"."paid_at" AS "at",
                "t14"."minor"
              FROM (
                SELECT
                  *
                FROM "orders" AS "t6"
                WHERE
                  "t6"."state" = 'paid'
              ) AS "t15"
              INNER JOIN (
                SELECT
                  "t5"."order_id",
                  "t5"."sku",
                  "t5"."currency" AS "money",
                  -(
                    "t5"."amount_minor"
                  ) AS "minor"
                FROM "refund" AS "t5"
                WHERE
                  NOT (
                    "t5"."whole"
                  ) AND "t5"."sku" <> ''
              ) AS "t14"
                ON "t15"."id" = "t14"."order_id" AND "t15"."currency" = "t14"."money"
            ) AS "t17"
          ) AS "t18"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t5"."customer_id",
              "t5"."shop",
              "t5"."currency",
              "t5"."sku",
              "t5"."refunded_at" AS "at",
              -(
                "t5"."amount_minor"
              ) AS "minor"
            FROM "refund" AS "t5"
            WHERE
              "t5"."order_id" IS NULL
              AND "t5"."customer_id" IS NOT NULL
              AND NOT (
                "t5"."whole"
              )
          ) AS "t10"
        ) AS "t19"
        WHERE
          "t19"."customer_id" = "t0"."id"
          AND "t19"."currency" = (
            SELECT
              "t2"."currency"
            FROM "brand" AS "t2"
          )
          AND "t19"."sku" = %(p0)s
          AND "t19"."at" > (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
          )
          AND "t19"."at" <= CAST(%(now)s AS TIMESTAMPTZ)
      ) AS "t20"
    ),
    0
  ) >= CAST(%(p2)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: orders_in_days
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
        AND "t1"."currency" = %(p1)s
    ) AS "t2"
  ) >= CAST(%(p2)s AS BIGINT)
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
        SUM("t10"."value") AS "Sum(value)"
      FROM (
        SELECT
          "t9"."minor" * CASE WHEN "t9"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t4"."customer_id",
              "t4"."shop",
              "t4"."currency",
              "t4"."paid_at" AS "at",
              "t4"."total_minor" - "t4"."refunded_minor" AS "minor"
            FROM "orders" AS "t4"
            WHERE
              "t4"."state" = 'paid'
          ) AS "t7"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t5"."customer_id",
              "t5"."shop",
              "t5"."currency",
              "t5"."refunded_at" AS "at",
              -(
                "t5"."amount_minor"
              ) AS "minor"
            FROM "refund" AS "t5"
            WHERE
              "t5"."order_id" IS NULL
              AND "t5"."customer_id" IS NOT NULL
              AND NOT (
                "t5"."whole"
              )
          ) AS "t8"
        ) AS "t9"
        WHERE
          "t9"."customer_id" = "t0"."id"
          AND "t9"."currency" = (
            SELECT
              "t3"."currency"
            FROM "brand" AS "t3"
          )
      ) AS "t10"
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

-- name: complaint
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
      FROM "complaint" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."opened_at" IS NOT NULL
        )
        AND "t1"."open"
        AND (
          "t1"."opened_at" <= (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
          )
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

-- name: fits
SELECT
  "t18"."id"
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
          "t12"."customer_id"
        FROM (
          SELECT
            "t1"."customer_id",
            SUBSTRING("t1"."name" FROM CASE WHEN (
              5 + 1
            ) >= 1 THEN 5 + 1 ELSE 5 + 1 + LENGTH("t1"."name") END) AS "wears"
          FROM "tag" AS "t1"
          WHERE
            STARTS_WITH("t1"."name", %(p0)s)
            AND (
              (
                "t1"."until" IS NULL
              )
              OR (
                "t1"."until" > CAST(%(now)s AS TIMESTAMPTZ)
              )
            )
        ) AS "t12"
        INNER JOIN (
          SELECT
            "t2"."place",
            "t2"."size"
          FROM "size_stock" AS "t2"
          WHERE
            "t2"."discontinued" OR (
              "t2"."sizes_left" <= CAST(%(p1)s AS BIGINT)
            )
        ) AS "t13"
          ON "t12"."wears" = "t13"."size"
        INNER JOIN (
          SELECT
            "t10"."customer_id" AS "friend_id",
            "t7"."code"
          FROM (
            SELECT
              "t3"."customer_id",
              "t3"."staff"
            FROM "friendship" AS "t3"
            WHERE
              "t3"."state" = 'live'
          ) AS "t10"
          INNER JOIN "staff_member" AS "t6"
            ON "t10"."staff" = "t6"."code"
          INNER JOIN "store" AS "t7"
            ON "t6"."store_id" = "t7"."id"
        ) AS "t15"
          ON "t12"."customer_id" = "t15"."friend_id" AND "t13"."place" = "t15"."code"
      ) AS "t16"
      WHERE
        "t16"."customer_id" = "t0"."id"
    )
) AS "t18"
WHERE
  "t18"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

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

-- name: child_age
SELECT
  "t5"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "customer_child" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."month" <= %(p0)s
        )
        AND (
          "t1"."month" >= %(p1)s
        )
    )
    AND EXISTS(
      SELECT
        1
      FROM "child_consent" AS "t2"
      WHERE
        (
          "t2"."customer_id" = "t0"."id"
        ) AND (
          "t2"."state" = %(p2)s
        )
    )
) AS "t5"
WHERE
  "t5"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

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

-- name: consent_withdrawn
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
        AND "t1"."state" = 'withdrawn'
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
            AND "t1"."state" = 'given'
        ) AS "t3"
      ) IS NULL
    )
    OR (
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
            AND "t1"."state" = 'given'
        ) AS "t3"
      ) <= (
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
            AND "t1"."state" = 'withdrawn'
        ) AS "t2"
      )
    )
  )
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: lapsed
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND COALESCE(
    (
      SELECT
        (
          ARRAY_AGG("t9"."past" ORDER BY "t9"."paid_at" DESC NULLS LAST) FILTER(WHERE
            "t9"."paid_at" IS NOT NULL)
        )[1] AS "ArgMax(past, paid_at)"
      FROM (
        SELECT
          "t8"."customer_id",
          "t8"."paid_at",
          "t8"."due",
          "t8"."over",
          (
            "t8"."due" <= CAST(%(now)s AS TIMESTAMPTZ)
          )
          AND (
            "t8"."over" > CAST(%(now)s AS TIMESTAMPTZ)
          ) AS "past"
        FROM (
          SELECT
            "t7"."customer_id",
            "t7"."paid_at",
            MAX("t7"."due") AS "due",
            MAX("t7"."over") AS "over"
          FROM (
            SELECT
              "t6"."customer_id",
              "t6"."paid_at",
              "t6"."category",
              CASE
                WHEN "t6"."category" = %(p1)s
                THEN "t6"."paid_at" + CAST(%(p2)s AS INTERVAL SECOND)
                WHEN "t6"."category" = %(p3)s
                THEN "t6"."paid_at" + CAST(%(p4)s AS INTERVAL SECOND)
                ELSE "t6"."paid_at" + CAST(%(p0)s AS INTERVAL SECOND)
              END AS "due",
              CASE
                WHEN "t6"."category" = %(p1)s
                THEN "t6"."paid_at" + CAST(%(p6)s AS INTERVAL SECOND)
                WHEN "t6"."category" = %(p3)s
                THEN "t6"."paid_at" + CAST(%(p7)s AS INTERVAL SECOND)
                ELSE "t6"."paid_at" + CAST(%(p5)s AS INTERVAL SECOND)
              END AS "over"
            FROM (
              SELECT
                "t5"."customer_id",
                "t5"."paid_at",
                "t3"."category"
              FROM (
                SELECT
                  "t1"."id",
                  "t1"."customer_id",
                  "t1"."paid_at"
                FROM "orders" AS "t1"
                WHERE
                  "t1"."state" = 'paid'
              ) AS "t5"
              LEFT OUTER JOIN "order_item" AS "t3"
                ON "t5"."id" = "t3"."order_id"
            ) AS "t6"
          ) AS "t7"
          GROUP BY
            1,
            2
        ) AS "t8"
        WHERE
          "t8"."customer_id" = "t0"."id"
      ) AS "t9"
    ),
    FALSE
  )
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

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

