-- Says what the figures do with learners who turned out to be one person; see registry.link. Figures keep to the streams, which never change.
comment on table analytics.dim_learner is
  'Learners, by the UUID the ledger gave them. Holds nothing that identifies a person. Two learners linked as one person stay two here and count as two in every figure: '
  'what was recorded before the link is under the learner it was recorded for, what came after it under the one who leads. Their transcript and awards fold both.';
comment on view analytics.cohort_membership is
  'Who belonged to which cohort from when until when; the intervals of a learner never overlap. Two learners linked as one person are two members where both joined.';
