// Finds the pairs of groups in a panel, once, when a layer is packed.

// A group while its panel is arranged, in a list of groups by descending `largest`.
typedef struct stored_group {
  int8_t q[PANEL][4];
  // For each word, the sums of its positive and of its negative weights.
  uint8_t magnitude[2][PANEL][2];
  uint8_t largest;
  uint16_t place;
  struct stored_group *next;
} stored_group;

// Moves the excess of words beyond WORD_MAX from one group to another. Returns whether there was any.
INLINE int take_excess(stored_group *group, stored_group *rest) {
  int is_any = 0;
  memset(rest->q, 0, sizeof rest->q);
  for (size_t column = 0; column < PANEL; column++) {
    for (size_t word = 0; word < 2; word++) {
      int8_t *q = group->q[column] + 2 * word;
      const int excess = abs(q[0]) + abs(q[1]) - WORD_MAX;
      if ((q[0] < 0) != (q[1] < 0) || excess <= 0)
        continue;
      const size_t larger_one = abs(q[1]) > abs(q[0]);
      const int8_t part = (int8_t)(q[0] < 0 ? -excess : excess);
      q[larger_one] = (int8_t)(q[larger_one] - part);
      rest->q[column][2 * word + larger_one] = part;
      is_any = 1;
    }
  }
  return is_any;
}

INLINE void measure(stored_group *group) {
  group->largest = 0;
  for (size_t column = 0; column < PANEL; column++) {
    for (size_t word = 0; word < 2; word++) {
      const int8_t *q = group->q[column] + 2 * word;
      const int positive = (q[0] > 0 ? q[0] : 0) + (q[1] > 0 ? q[1] : 0);
      const int negative = positive - q[0] - q[1];
      group->magnitude[0][column][word] = (uint8_t)positive;
      group->magnitude[1][column][word] = (uint8_t)negative;
      const int larger_one = positive > negative ? positive : negative;
      group->largest = (uint8_t)(larger_one > group->largest ? larger_one : group->largest);
    }
  }
}

INLINE int is_exact_together(const stored_group *a, const stored_group *b) {
  const uint8_t *x = a->magnitude[0][0];
  const uint8_t *y = b->magnitude[0][0];
  int beyond = 0;
  for (size_t i = 0; i < sizeof a->magnitude; i++) beyond |= x[i] > WORD_MAX - y[i];
  return !beyond;
}

// Sorts groups into a list. The heaviest are first, because they have the fewest possible partners.
INLINE stored_group *list_by_weight(stored_group *groups, size_t count) {
  stored_group *lists[WORD_MAX + 1] = {NULL};
  for (size_t i = count; i-- > 0;) {
    groups[i].next = lists[groups[i].largest];
    lists[groups[i].largest] = groups + i;
  }
  stored_group *first = NULL;
  stored_group **end = &first;
  for (size_t largest = WORD_MAX + 1; largest-- > 0;) {
    *end = lists[largest];
    while (*end != NULL) end = &(*end)->next;
  }
  return first;
}

// Gives each group the heaviest possible partner, and stores pairs, then groups without a partner.
INLINE void store_in_pairs(stored_group *first, int8_t *weights, panel_order *order) {
  stored_group *singles = NULL;
  size_t stored = 0;
#define STORE(stored_one)                                                                                              \
  memcpy(weights + stored * sizeof(stored_one)->q, (stored_one)->q, sizeof(stored_one)->q);                            \
  order->group[stored++] = (stored_one)->place;
  while (first != NULL) {
    stored_group *group = first;
    first = group->next;
    stored_group **partner = &first;
    while (*partner != NULL && !is_exact_together(group, *partner)) partner = &(*partner)->next;
    if (*partner == NULL) {
      group->next = singles;
      singles = group;
      continue;
    }
    stored_group *other = *partner;
    *partner = other->next;
    STORE(group)
    STORE(other)
    order->pairs++;
  }
  for (; singles != NULL; singles = singles->next) {
    STORE(singles)
    order->singles++;
  }
#undef STORE
}

// Arranges a panel of weights in the order of inputs. Returns 0 if too many groups have a word beyond WORD_MAX, or if
// there is no memory.
INLINE int arrange_weights(size_t inputs, int8_t *weights) {
  const size_t groups = groups_of(inputs);
  stored_group *all = malloc(groups_max(inputs) * sizeof *all);
  if (all == NULL)
    return 0;
  size_t count = groups;
  int fits = 1;
  for (size_t group = 0; group < groups && fits; group++) {
    memcpy(all[group].q, weights + group * sizeof all->q, sizeof all->q);
    all[group].place = (uint16_t)group;
    stored_group rest;
    if (take_excess(all + group, &rest)) {
      fits = count < groups_max(inputs);
      rest.place = (uint16_t)group;
      if (fits)
        all[count++] = rest;
    }
  }
  if (fits) {
    for (size_t i = 0; i < count; i++) measure(all + i);
    store_in_pairs(list_by_weight(all, count), weights, order_of(weights, inputs));
  }
  free(all);
  return fits;
}
