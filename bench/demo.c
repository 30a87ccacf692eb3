// One training run of the demo, for this network only: 2-16-16-1 with relu, hinge loss and a penalty, up to 104 samples side by side.
#include <string.h>
#define H 16 // neurons of a layer
#define B 104 // samples, filled up to whole vectors
#define SUM(x) ({double r[8] = {0}; for (int o = 0; o < B; o += 8) for (int q = 0; q < 8; q++) {int l = o + q; r[q] += (x);} \
  ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));})
#define ALIGNED __attribute__((aligned(64)))
typedef double *restrict Numbers;

// p: for each neuron its weights, then its bias; X: both coordinates of all samples, one after the other
void train(Numbers p, const Numbers X, const Numbers Y, int n, int steps, Numbers losses) {
  static double h1[H][B] ALIGNED, h2[H][B] ALIGNED, s[B] ALIGNED, d1[H][B] ALIGNED, d2[H][B] ALIGNED, d[B] ALIGNED;
  double *w1 = p, *w2 = p + 3*H, *w3 = p + 3*H + 17*H;
  for (int k = 0; k < steps; k++) {
    for (int i = 0; i < H; i++) {
      double a = w1[3*i], b = w1[3*i + 1], c = w1[3*i + 2];
      for (int l = 0; l < B; l++) { double z = c + a*X[l]; z = z + b*X[B + l]; h1[i][l] = z > 0 ? z : 0; }
    }
    for (int i = 0; i < H; i++) {
      double z[B], *w = w2 + 17*i;
      for (int l = 0; l < B; l++) z[l] = w[H];
      for (int j = 0; j < H; j++) { double a = w[j]; for (int l = 0; l < B; l++) z[l] = z[l] + a*h1[j][l]; }
      for (int l = 0; l < B; l++) h2[i][l] = z[l] > 0 ? z[l] : 0;
    }
    for (int l = 0; l < B; l++) s[l] = w3[H];
    for (int j = 0; j < H; j++) { double a = w3[j]; for (int l = 0; l < B; l++) s[l] = s[l] + a*h2[j][l]; }

    for (int l = 0; l < B; l++) {
      double margin = 1 - Y[l]*s[l];
      int on = (margin > 0) & (l < n);
      d[l] = on ? -Y[l]*(1.0/n) : 0;
      s[l] = on ? margin : 0;
    }
    double lr = 1.0 - 0.9*k/100, pull = 2e-4, squares = 0;
    for (int i = 0; i < 3*H + 17*H + 17; i++) squares += p[i]*p[i];
    losses[k] = SUM(s[l])/n + 1e-4*squares;

    for (int j = 0; j < H; j++) for (int l = 0; l < B; l++) d2[j][l] = h2[j][l] > 0 ? w3[j]*d[l] : 0;
    for (int j = 0; j < H; j++) { double g = SUM(d[l]*h2[j][l]); w3[j] -= lr*(g + pull*w3[j]); }
    { double g = SUM(d[l]); w3[H] -= lr*(g + pull*w3[H]); }
    for (int j = 0; j < H; j++) {
      double z[B];
      memset(z, 0, sizeof z);
      for (int i = 0; i < H; i++) { double a = w2[17*i + j]; for (int l = 0; l < B; l++) z[l] = z[l] + a*d2[i][l]; }
      for (int l = 0; l < B; l++) d1[j][l] = h1[j][l] > 0 ? z[l] : 0;
    }
    for (int i = 0; i < H; i++) {
      for (int j = 0; j < H; j++) { double g = SUM(d2[i][l]*h1[j][l]); w2[17*i + j] -= lr*(g + pull*w2[17*i + j]); }
      double g = SUM(d2[i][l]); w2[17*i + H] -= lr*(g + pull*w2[17*i + H]);
    }
    for (int i = 0; i < H; i++) {
      for (int j = 0; j < 2; j++) { double g = SUM(d1[i][l]*X[j*B + l]); w1[3*i + j] -= lr*(g + pull*w1[3*i + j]); }
      double g = SUM(d1[i][l]); w1[3*i + 2] -= lr*(g + pull*w1[3*i + 2]);
    }
  }
}
