// One training step of microgpt, for this transformer only: forward, backward and Adam on one name, in double precision.
#include <math.h>
#include <string.h>
enum { WIDE = 16, HEADS = 4, SIZE = WIDE/HEADS, UP = 4*WIDE, PLACES = 16, TOKENS = 27 };
#define EACH(i, n) for (int i = 0; i < (n); i++)
#define INLINE static inline __attribute__((always_inline)) // so that the sizes are known where loops are made
typedef const double *Given;
typedef double *restrict Numbers;

typedef struct {
  double token[TOKENS][WIDE], place[PLACES][WIDE], out[TOKENS][WIDE], query[WIDE][WIDE], key[WIDE][WIDE], value[WIDE][WIDE];
  double mix[WIDE][WIDE], up[UP][WIDE], down[WIDE][UP];
} Weights;

INLINE double dot(Given a, Given b, int n) { // in four sums, which fit a vector and do not wait for each other
  double r[4] = {0};
  for (int i = 0; i < n; i += 4) EACH(k, 4) r[k] += a[i + k]*b[i + k];
  return (r[0] + r[1]) + (r[2] + r[3]);
}

// Each of these takes all n places of the name
INLINE void linear(int n, int rows, int columns, Given w, Given x, Numbers y) {
  EACH(o, rows) EACH(t, n) y[t*rows + o] = dot(w + o*columns, x + t*columns, columns);
}

INLINE void linear_back(int n, int rows, int columns, Given w, Given x, Given dy, Numbers dw, Numbers dx) {
  EACH(o, rows) EACH(t, n) {
    double d = dy[t*rows + o];
    EACH(i, columns) dw[o*columns + i] += d*x[t*columns + i];
  }
  EACH(t, n) EACH(o, rows) {
    double d = dy[t*rows + o];
    EACH(i, columns) dx[t*columns + i] += d*w[o*columns + i];
  }
}

INLINE void rms(int n, double x[][WIDE], double y[][WIDE], Numbers root) {
  EACH(t, n) {
    root[t] = sqrt(dot(x[t], x[t], WIDE)/WIDE + 1e-5);
    EACH(i, WIDE) y[t][i] = x[t][i]/root[t];
  }
}

INLINE void rms_back(int n, double y[][WIDE], Numbers root, double dy[][WIDE], double dx[][WIDE]) {
  EACH(t, n) {
    double part = dot(y[t], dy[t], WIDE)/WIDE;
    EACH(i, WIDE) dx[t][i] += (dy[t][i] - y[t][i]*part)/root[t];
  }
}

INLINE double softmax(int n, Numbers x) { // in place; returns the logarithm of what it divided by
  double highest = x[0], total = 0;
  EACH(j, n) if (x[j] > highest) highest = x[j];
  EACH(j, n) total += x[j] = exp(x[j] - highest);
  EACH(j, n) x[j] /= total;
  return highest + log(total);
}

// The loss, and its gradient added to d
static double loss_and_gradient(const Weights *w, const int *tokens, int n, Weights *d) {
  static double sum[PLACES][WIDE], x0[PLACES][WIDE], x1[PLACES][WIDE], q[PLACES][WIDE], k[PLACES][WIDE], v[PLACES][WIDE];
  static double a[HEADS][PLACES][PLACES], seen[PLACES][WIDE], x2[PLACES][WIDE], x3[PLACES][WIDE], h[PLACES][UP], x4[PLACES][WIDE], p[PLACES][TOKENS];
  double r0[PLACES], r1[PLACES], r3[PLACES], loss = 0;

  EACH(t, n) EACH(i, WIDE) sum[t][i] = w->token[tokens[t]][i] + w->place[t][i];
  rms(n, sum, x0, r0);
  rms(n, x0, x1, r1);
  linear(n, WIDE, WIDE, *w->query, *x1, *q);
  linear(n, WIDE, WIDE, *w->key, *x1, *k);
  linear(n, WIDE, WIDE, *w->value, *x1, *v);
  EACH(g, HEADS) EACH(t, n) { // place t looks at itself and those before
    EACH(j, t + 1) a[g][t][j] = dot(q[t] + g*SIZE, k[j] + g*SIZE, SIZE)/sqrt(SIZE);
    softmax(t + 1, a[g][t]);
    double s[SIZE] = {0};
    EACH(j, t + 1) EACH(i, SIZE) s[i] += a[g][t][j]*v[j][g*SIZE + i];
    EACH(i, SIZE) seen[t][g*SIZE + i] = s[i];
  }
  linear(n, WIDE, WIDE, *w->mix, *seen, *x2);
  EACH(t, n) EACH(i, WIDE) x2[t][i] += x0[t][i];
  rms(n, x2, x3, r3);
  linear(n, UP, WIDE, *w->up, *x3, *h);
  EACH(t, n) EACH(i, UP) h[t][i] = h[t][i] > 0 ? h[t][i] : 0;
  linear(n, WIDE, UP, *w->down, *h, *x4);
  EACH(t, n) EACH(i, WIDE) x4[t][i] += x2[t][i];
  linear(n, TOKENS, WIDE, *w->out, *x4, *p);
  EACH(t, n) {
    double right = p[t][tokens[t + 1]];
    loss += softmax(TOKENS, p[t]) - right;
  }

  static double d0[PLACES][WIDE], d1[PLACES][WIDE], dq[PLACES][WIDE], dk[PLACES][WIDE], dv[PLACES][WIDE], dseen[PLACES][WIDE];
  static double d2[PLACES][WIDE], d3[PLACES][WIDE], dh[PLACES][UP], dsum[PLACES][WIDE];
  EACH(t, n) {
    p[t][tokens[t + 1]] -= 1;
    EACH(i, TOKENS) p[t][i] /= n;
    EACH(i, WIDE) d0[t][i] = d1[t][i] = dk[t][i] = dv[t][i] = dq[t][i] = dseen[t][i] = d2[t][i] = d3[t][i] = dsum[t][i] = 0;
    EACH(i, UP) dh[t][i] = 0;
  }
  linear_back(n, TOKENS, WIDE, *w->out, *x4, *p, *d->out, *d2); // x2 gets what x4 gets
  linear_back(n, WIDE, UP, *w->down, *h, *d2, *d->down, *dh);
  EACH(t, n) EACH(i, UP) dh[t][i] = h[t][i] > 0 ? dh[t][i] : 0;
  linear_back(n, UP, WIDE, *w->up, *x3, *dh, *d->up, *d3);
  rms_back(n, x3, r3, d3, d2);
  linear_back(n, WIDE, WIDE, *w->mix, *seen, *d2, *d->mix, *dseen);
  EACH(g, HEADS) EACH(t, n) {
    double da[PLACES], part = 0;
    EACH(j, t + 1) {
      da[j] = dot(dseen[t] + g*SIZE, v[j] + g*SIZE, SIZE);
      part += a[g][t][j]*da[j];
    }
    EACH(j, t + 1) {
      double ds = a[g][t][j]*(da[j] - part)/sqrt(SIZE);
      EACH(i, SIZE) dv[j][g*SIZE + i] += a[g][t][j]*dseen[t][g*SIZE + i];
      EACH(i, SIZE) dq[t][g*SIZE + i] += ds*k[j][g*SIZE + i];
      EACH(i, SIZE) dk[j][g*SIZE + i] += ds*q[t][g*SIZE + i];
    }
  }
  linear_back(n, WIDE, WIDE, *w->query, *x1, *dq, *d->query, *d1);
  linear_back(n, WIDE, WIDE, *w->key, *x1, *dk, *d->key, *d1);
  linear_back(n, WIDE, WIDE, *w->value, *x1, *dv, *d->value, *d1);
  EACH(t, n) EACH(i, WIDE) d0[t][i] = d2[t][i];
  rms_back(n, x1, r1, d1, d0);
  rms_back(n, x0, r0, d0, dsum);
  EACH(t, n) EACH(i, WIDE) {
    d->token[tokens[t]][i] += dsum[t][i];
    d->place[t][i] += dsum[t][i];
  }
  return loss/n;
}

// `tokens` are n letters and the one after the last; `mean` and `square` are Adam's; `step` counts from 1
double train(Weights *w, Weights *mean, Weights *square, const int *tokens, int n, int step) {
  static Weights gradient;
  memset(&gradient, 0, sizeof gradient);
  double loss = loss_and_gradient(w, tokens, n, &gradient);
  double b1 = 0.85, b2 = 0.99, rate = 0.01/(1 - pow(b1, step)), scale = 1/(1 - pow(b2, step));
  Numbers p = *w->token, m = *mean->token, s = *square->token, g = *gradient.token;
  EACH(i, (int)(sizeof(Weights)/sizeof(double))) {
    m[i] = b1*m[i] + (1 - b1)*g[i];
    s[i] = b2*s[i] + (1 - b2)*g[i]*g[i];
    p[i] -= rate*m[i]/(sqrt(s[i]*scale) + 1e-8);
  }
  return loss;
}
