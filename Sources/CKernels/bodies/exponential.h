// e^x for x ≤ 0, within 2 ulp, and 0 below −87. It is 2^n · e^f, where n is the nearest integer to x · log2 e, and
// f = x − n · ln 2 is computed in two steps. e^f is a Taylor polynomial on [−ln 2 / 2, ln 2 / 2]. Adding and
// subtracting 1.5 · 2^23 rounds to an integer without a branch.
static inline float KERNEL(exp_nonpositive)(float x) {
  const float floor_x = -87.0f;
  const float clamped = x < floor_x ? floor_x : x;
  const float magic = 12582912.0f;
  const float n = (clamped * 1.44269504088896341f + magic) - magic;
  const float f = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.0f / 5040.0f;
  p = p * f + 1.0f / 720.0f;
  p = p * f + 1.0f / 120.0f;
  p = p * f + 1.0f / 24.0f;
  p = p * f + 1.0f / 6.0f;
  p = p * f + 0.5f;
  p = p * f + 1.0f;
  p = p * f + 1.0f;
  const int32_t exponent = ((int32_t)n + 127) << 23;
  float scale;
  memcpy(&scale, &exponent, sizeof scale);
  return x < floor_x ? 0.0f : p * scale;
}
