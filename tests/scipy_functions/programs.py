"""What is asked of SciPy's functions: one line of Python for each, run on NumPy arrays and on tensors.

A name of one or two letters is an array of `ARRAYS`; a floating one is differentiated unless its name is in `CONSTANT`.
"""

from __future__ import annotations

import numpy as np

_draw = np.random.default_rng(5)
_x = np.linspace(0.0, 1.0, 12)

ARRAYS = {
    # Vectors of 12: around 0, positive, between 0 and 1, ascending, another ascending one.
    "v": _draw.normal(size=12),
    "w": _draw.normal(size=12) + 0.3,
    "o": _draw.normal(size=12) * 1.7,
    "p": _draw.uniform(0.5, 3.0, size=12),
    "q": _draw.uniform(0.5, 3.0, size=12),
    "r": _draw.uniform(0.5, 3.0, size=12),
    "u": _draw.uniform(0.05, 0.95, size=12),
    "t": np.cumsum(_draw.uniform(0.2, 1.0, size=12)),
    "g": np.sin(5 * _x) + 0.1 * _draw.normal(size=12),
    # Matrices, an image, a stack of square matrices, points.
    "m": _draw.normal(size=(4, 5)),
    "n": _draw.normal(size=(4, 5)) + 0.5,
    "mp": _draw.uniform(0.5, 3.0, size=(4, 5)),
    "im": _draw.normal(size=(6, 7)),
    "sq": _draw.normal(size=(4, 4)) + 3 * np.eye(4),
    "sy": (lambda a: a @ a.T + np.eye(4))(_draw.normal(size=(4, 4))),
    "pt": _draw.normal(size=(6, 3)),
    "pu": _draw.normal(size=(5, 3)),
    # Small kernels and filters; second-order sections; zeros, poles.
    "k": _draw.normal(size=(3, 3)),
    "c": _draw.normal(size=5),
    "d": _draw.normal(size=3),
    "b": np.array([0.2, 0.3, 0.1]),
    "a": np.array([1.0, -0.4, 0.2]),
    "so": np.array([[0.2, 0.3, 0.1, 1.0, -0.4, 0.2], [0.5, 0.1, 0.2, 1.0, 0.3, 0.1]]),
    "l": _draw.normal(size=64),
    "z": _draw.normal(size=8) + 1j * _draw.normal(size=8),
    "zm": _draw.normal(size=(4, 6)) + 1j * _draw.normal(size=(4, 6)),
    # Not differentiated: frequencies, integers, booleans, labels, a noncrossing order.
    "f": np.linspace(0.1, 3.0, 7),
    "i": np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]),
    "j": np.array([2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5]),
    "h": np.array([0, 1, 1, 0, 2, 2, 1, 0, 2, 1, 0, 1]),
    "bo": np.array([[0, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 1, 0, 0, 1], [0, 0, 0, 1, 1]], dtype=bool),
    "lb": np.array([[1, 1, 0, 2, 2, 2, 0], [1, 1, 0, 2, 2, 0, 0]] * 3),
    "y": np.array(0.7),
    "e": np.linspace(-0.9, 0.9, 5),
}
CONSTANT = {"f"}

SPECIAL = [
    "airy(v)", "agm(p, q)", "bdtr(i, 12, u)", "bdtrc(i, 12, u)", "bdtri(i, 12, u)", "beta(p, q)", "betainc(p, q, u)",
    "betaincc(p, q, u)", "betaincinv(p, q, u)", "betaln(p, q)", "binom(p, q)", "boxcox(p, q)", "boxcox1p(p, q)",
    "cbrt(v)", "chdtr(p, q)", "chdtrc(p, q)", "chdtri(p, u)", "cosdg(v)", "cosm1(v)", "cotdg(p)", "dawsn(v)",
    "digamma(p)", "ellipe(u)", "ellipk(u)", "ellipkm1(u)", "entr(p)", "erf(v)", "erfc(v)", "erfcinv(p / 2)", "erfcx(v)",
    "erfi(v)", "erfinv(u)", "exp1(p)", "exp10(v)", "exp2(v)", "expi(p)", "expit(v)", "expm1(v)", "expn(i, p)",
    "exprel(v)", "fdtr(p, q, r)", "fdtrc(p, q, r)", "fdtri(p, q, u)", "fresnel(v)", "gamma(p)", "gammainc(p, q)",
    "gammaincc(p, q)", "gammainccinv(p, u)", "gammaincinv(p, u)", "gammaln(p)", "gammasgn(v)", "gdtr(p, q, r)",
    "gdtrc(p, q, r)", "hankel1(1, p)", "huber(p, v)", "hyp0f1(p, v)", "hyp1f1(p, q, v)", "hyp2f1(p, q, r, -u)",
    "i0(v)", "i0e(v)", "i1(v)", "i1e(v)", "inv_boxcox(u, p)", "inv_boxcox1p(u, p)", "iv(1, p)", "j0(v)", "j1(v)",
    "jv(1, p)", "k0(p)", "k0e(p)", "k1(p)", "k1e(p)", "kl_div(p, q)", "kv(1, p)", "lambertw(p)", "log1p(p)",
    "log_expit(v)", "log_ndtr(v)", "log_softmax(m, axis=1)", "loggamma(p)", "logit(u)", "logsumexp(m, axis=1)",
    "logsumexp(v, b=p)", "lpmv(1, i, u)", "multigammaln(p + 2, 3)", "nbdtr(i, 12, u)", "nbdtrc(i, 12, u)",
    "nbdtri(i, 12, u)", "ndtr(v)", "ndtri(u)", "ndtri_exp(-p)", "owens_t(v, u)", "pdtr(i, p)", "pdtrc(i, p)",
    "pdtri(i, u)", "poch(p, q)", "polygamma(2, p)", "pseudo_huber(p, v)", "psi(p)", "radian(v, p, q)", "rel_entr(p, q)",
    "rgamma(p)", "round(v)", "sinc(v)", "sindg(v)", "sici(p)", "softmax(m, axis=1)", "softplus(v)", "spence(p)",
    "stdtr(p, v)", "stdtrit(p, u)", "struve(1, p)", "tandg(v)", "wofz(v)", "wright_bessel(1.0, 2.0, u)", "wrightomega(v)",
    "xlog1py(p, q)", "xlogy(p, q)", "y0(p)", "y1(p)", "yn(i, p)", "yv(1, p)", "zeta(p + 1, q)", "zetac(p + 1)",
]  # fmt: skip

STATS = [
    "alexandergovern(v, w, o)", "anderson(v)", "ansari(v, w)", "bartlett(v, w, o)", "bootstrap((v,), np.mean)",
    "boxcox(p)", "boxcox_llf(0.3, p)", "boxcox_normmax(p)", "brunnermunzel(v, w)", "chatterjeexi(v, w)",
    "chisquare(p)", "circmean(v)", "circstd(v)", "circvar(v)", "combine_pvalues(u)",
    "combine_pvalues(u, method='stouffer', weights=p)", "cramervonmises(v, lambda x: special.ndtr(x))",
    "cramervonmises_2samp(v, w)", "describe(v)", "differential_entropy(v)", "directional_stats(pt)", "energy_distance(v, w)",
    "entropy(p)", "entropy(p, q)", "epps_singleton_2samp(v, w)", "expectile(v)", "f_oneway(v, w, o)",
    "false_discovery_control(u)", "fligner(v, w, o)", "friedmanchisquare(v, w, o)", "gmean(p)", "gmean(p, weights=q)",
    "gstd(p)", "gzscore(p)", "hmean(p)", "iqr(v)", "jarque_bera(v)", "kendalltau(v, w)", "kruskal(v, w, o)",
    "ks_1samp(v, lambda x: special.ndtr(x))", "ks_2samp(v, w)", "kstat(v, 3)", "kstatvar(v)", "kurtosis(v)",
    "kurtosis(v, bias=False)", "kurtosistest(g)", "levene(v, w, o)", "linregress(t, v)", "lmoment(v)", "mannwhitneyu(v, w)",
    "median_abs_deviation(v)", "mode(i)", "moment(v, 3)", "mood(v, w)", "normaltest(g)",
    "obrientransform(v, w)", "pearsonr(v, w).statistic", "pearsonr(v, w).pvalue", "pmean(p, 3)", "pointbiserialr(h, v)",
    "power_divergence(p)", "power_divergence(p, q * (1 / q.sum()) * p.sum(), lambda_='neyman')", "quantile(v, 0.3)",
    "quantile(v, u)", "rankdata(v)", "ranksums(v, w)", "scoreatpercentile(v, 30)", "sem(v)", "shapiro(v)",
    "siegelslopes(v, t)", "sigmaclip(v, 1.0, 1.0)", "skew(v)", "skew(v, bias=False)", "skewtest(g)", "somersd(i, j)",
    "spearmanr(v, w)", "spearmanrho(v, w)", "theilslopes(v, t)", "tmax(v)", "tmean(v)", "tmean(v, (-1, 1))", "tmin(v)",
    "trim_mean(v, 0.1)", "trim1(v, 0.1)", "trimboth(v, 0.1)", "tsem(v)", "tstd(v)", "ttest_1samp(v, 0.2)",
    "ttest_1samp(v, 0.2).confidence_interval()", "ttest_ind(v, w)", "ttest_ind(v, w, equal_var=False)",
    "ttest_ind_from_stats(p, q, 12, r, u, 12)", "ttest_rel(v, w)", "tvar(v)", "variation(p)", "wasserstein_distance(v, w)",
    "weightedtau(v, w)", "wilcoxon(v, w)", "yeojohnson(v)", "yeojohnson_llf(0.3, v)", "zmap(v, w)", "zscore(v)",
    "zscore(m, axis=1)", "contingency.association(i)", "contingency.expected_freq(mp)", "contingency.margins(mp)",
    "norm.pdf(v)", "norm.logpdf(v)", "norm.cdf(v)", "gamma.logpdf(p, q)", "multivariate_normal.logpdf(pt)",
    "qmc.discrepancy(special.expit(pt))", "qmc.scale(special.expit(pt), -1, 2)", "permutation_test((v, w), lambda x, y: "
    "stats.tmean(x) - stats.tmean(y), n_resamples=20, rng=1).statistic",
    "monte_carlo_test(v, lambda size: np.zeros(size), lambda x, axis: (x * x).mean(axis), n_resamples=20).statistic",
]  # fmt: skip

SIGNAL = [
    "abcd_normalize(sq, m[:, :2])", "bilinear(b, a)", "bilinear_zpk(z, z[:3], 1.0, 2.0)", "bode((b, a), f)",
    "check_COLA(windows.hann(8), 8, 4)", "chirp(t, 0.1, 5.0, 0.3)", "cont2discrete((sq, m[:, :2], sq[:2], m[:2, :2]), 0.1)",
    "convolve(v, d)", "convolve(v, d, mode='same')", "convolve(im, k, method='fft')", "convolve2d(im, k)",
    "correlate(v, d)", "correlate2d(im, k)", "csd(l, l * 2, nperseg=16)", "cspline1d(v)", "cspline1d_eval(v, f)",
    "cspline2d(im)", "czt(l)", "decimate(l, 2)", "deconvolve(l, a)", "detrend(v)", "detrend(v, type='constant')",
    "envelope(l)", "fftconvolve(v, d)", "fftconvolve(im, k, mode='same')", "filtfilt(b, a, l)", "find_peaks(g)",
    "firls(5, f[:6], f[:6], fs=8.0)", "firwin(5, 0.3)", "firwin2(9, [0.0, 0.5, 1.0], [1.0, 1.0, 0.0])", "freqs(b, a, f)",
    "freqs_zpk(z[:2], z[:3], 1.5, f)", "freqz(b, a, f)", "freqz(b, a)", "freqz_sos(so, f)", "freqz_zpk(z[:2] / 9, z[:3] / 9, 1.5, f)",
    "gauss_spline(v, 3)", "gausspulse(v)", "get_window('hann', 8)", "group_delay((b, a), f)", "hilbert(l)", "hilbert2(im)",
    "istft(zm)", "lfilter(b, a, l)", "lfilter(d, 1.0, l)", "lfilter_zi(b, a)", "lfiltic(b, a, v)", "lombscargle(t, v, f)",
    "lp2bp(b, a)", "lp2bp_zpk(z[:2], z[:3], 1.5)", "lp2bs(b, a)", "lp2bs_zpk(z[:2], z[:3], 1.5)", "lp2hp(b, a)",
    "lp2hp_zpk(z[:2], z[:3], 1.5)", "lp2lp(b, a)", "lp2lp_zpk(z[:2], z[:3], 1.5)", "medfilt(v)", "medfilt2d(im)",
    "minimum_phase(c)", "normalize(b, a)", "oaconvolve(l, d)", "order_filter(im, np.ones((3, 3)), 4)", "peak_widths(g, [3])",
    "periodogram(l)", "qspline1d(v)", "qspline1d_eval(v, f)", "qspline2d(im)", "resample(v, 20)", "resample_poly(v, 3, 2)",
    "residue(b, a)", "savgol_filter(v, 5, 2)", "sawtooth(v)", "sepfir2d(im, d, d)", "sos2tf(so)", "sos2zpk(so)",
    "sosfilt(so, l)", "sosfilt_zi(so)", "sosfiltfilt(so, l)", "spectrogram(l, nperseg=16)", "spline_filter(im)", "square(v)",
    "ss2tf(sq, m[:, :1], sq[:1], m[:1, :1])", "stft(l, nperseg=16)", "sweep_poly(t, c)", "symiirorder1(v, 0.5, 0.3)",
    "tf2sos(b, a)", "tf2ss(b, a)", "tf2zpk(b, a)", "upfirdn(d, v, up=2)", "vectorstrength(t, 1.5)", "welch(l, nperseg=16)",
    "wiener(v)", "zpk2sos(np.array([0.5]), np.array([0.3]), 1.0)", "zpk2tf(z[:2], z[:3], 1.5)", "zoom_fft(l, [0.1, 0.5])",
    "place_poles(sq, m[:, :4], np.array([-1.0, -2.0, -3.0, -4.0])).gain_matrix",
]  # fmt: skip

NDIMAGE = [
    "affine_transform(im, k[:2, :2])", "binary_closing(bo)", "binary_dilation(bo)", "binary_erosion(bo)",
    "binary_fill_holes(bo)", "binary_hit_or_miss(bo)", "binary_opening(bo)", "binary_propagation(bo)",
    "black_tophat(im, 3)", "center_of_mass(mp)", "convolve(im, k)", "convolve1d(im, d)", "correlate(im, k)",
    "correlate1d(im, d)", "distance_transform_bf(bo)", "distance_transform_cdt(bo)", "distance_transform_edt(bo)",
    "extrema(im)", "find_objects(lb)", "fourier_ellipsoid(im, 2.0)", "fourier_gaussian(im, 2.0)", "fourier_shift(im, 2.0)",
    "fourier_uniform(im, 2.0)", "gaussian_filter(im, 1.0)", "gaussian_filter1d(v, 1.0)", "gaussian_gradient_magnitude(im, 1.0)",
    "gaussian_laplace(im, 1.0)", "generic_filter(im, lambda x: x.sum(), 3)", "grey_closing(im, 3)", "grey_dilation(im, 3)",
    "grey_erosion(im, 3)", "grey_opening(im, 3)", "histogram(im, -2, 2, 5)", "label(bo)", "laplace(im)",
    "map_coordinates(im, pt.T[:2] + 2)", "maximum(im, lb, [1, 2])", "maximum_filter(im, 3)", "maximum_filter1d(v, 3)",
    "maximum_position(im)", "mean(im, lb, [1, 2])", "median(im, lb, [1, 2])", "median_filter(im, 3)", "minimum(im, lb, [1, 2])",
    "minimum_filter(im, 3)", "minimum_filter1d(v, 3)", "minimum_position(im)", "morphological_gradient(im, 3)",
    "morphological_laplace(im, 3)", "percentile_filter(im, 30, 3)", "prewitt(im)", "rank_filter(im, 4, 3)", "rotate(im, 30)",
    "shift(im, 0.5)", "sobel(im)", "spline_filter(im)", "spline_filter1d(im)", "standard_deviation(im)", "sum(im)",
    "sum_labels(im, lb, [1, 2])", "uniform_filter(im, 3)", "uniform_filter1d(v, 3)", "value_indices(lb)", "variance(im)",
    "vectorized_filter(im, lambda x, axis: x.sum(axis), size=3)", "white_tophat(im, 3)", "zoom(im, 2.0)",
    "vectorized_filter(im, xp.mean, size=3)", "vectorized_filter(im, xp.max, size=3, mode='constant')",
]  # fmt: skip

INTEGRATE = [
    "cubature(lambda x: xp.exp(-(x[:, :1] ** 2) * y), xp.asarray([0.0]), xp.asarray([1.0])).estimate",
    "cumulative_simpson(v, x=t)", "cumulative_simpson(v, dx=0.5)", "cumulative_trapezoid(v, t)", "cumulative_trapezoid(m)",
    "fixed_quad(lambda x: x * y, 0.0, 1.0)", "nsum(lambda k: 1 / k**2 * y, 1, xp.asarray(10)).sum", "quad(lambda x: x * y, 0.0, 1.0)",
    "qmc_quad(lambda x: xp.exp(-x[0] ** 2 * y), 0.0, 1.0, n_points=64, rng=1).integral", "romb(l[:17])", "simpson(v, x=t)",
    "simpson(m)", "solve_ivp(lambda s, x: -x * y, (0.0, 1.0), [1.0]).y", "tanhsinh(lambda x, c: xp.exp(-(x**2) * c), 0.0, 1.0, args=(p,)).integral",
    "tanhsinh(xp.cos, v, w).integral", "trapezoid(v, t)", "trapezoid(m, axis=0)",
]  # fmt: skip

OPTIMIZE = [
    "elementwise.bracket_minimum(lambda x, c: (x - c) ** 2, 0.0, args=(v,)).bracket",
    "elementwise.bracket_root(lambda x, c: x**3 - c, xp.zeros_like(p), args=(p,)).bracket",
    "elementwise.find_minimum(lambda x, c: (x - c) ** 2, (-5.0, 0.1, 6.0), args=(v,)).x",
    "elementwise.find_root(lambda x, c: x**3 - c, (0.0, 5.0), args=(p,)).x", "isotonic_regression(v).x", "linear_sum_assignment(m)",
    "minimize(lambda x: (x * x).sum(), v).x", "nnls(m, d)", "rosen(v)", "rosen_der(v)", "rosen_hess(v)", "rosen_hess_prod(v, w)",
    "root_scalar(lambda x: x**3 - y, bracket=(0.0, 2.0)).root", "newton(lambda x: x**3 - p, p)",
]  # fmt: skip

CLUSTER = [
    "hierarchy.average(pt)", "hierarchy.centroid(pt)", "hierarchy.complete(pt)", "hierarchy.cophenet(hierarchy.ward(pt))",
    "hierarchy.fcluster(hierarchy.ward(pt), 3.0)", "hierarchy.fclusterdata(pt, 1.0)", "hierarchy.inconsistent(hierarchy.ward(pt))",
    "hierarchy.is_monotonic(hierarchy.ward(pt))", "hierarchy.is_valid_linkage(hierarchy.ward(pt))",
    "hierarchy.leaves_list(hierarchy.ward(pt))", "hierarchy.linkage(pt)", "hierarchy.maxdists(hierarchy.ward(pt))",
    "hierarchy.median(pt)", "hierarchy.optimal_leaf_ordering(hierarchy.ward(pt), pt)", "hierarchy.single(pt)",
    "hierarchy.to_mlab_linkage(hierarchy.ward(pt))", "hierarchy.ward(pt)", "hierarchy.weighted(pt)", "vq.kmeans(pt, pu[:2], iter=1)",
    "vq.kmeans2(pt, pu[:2], minit='matrix', iter=3)", "vq.vq(pt, pu)", "vq.whiten(pt)",
]  # fmt: skip

SPATIAL = [
    "distance.braycurtis(p, q)", "distance.canberra(p, q)", "distance.cdist(pt, pu)", "distance.chebyshev(v, w)",
    "distance.cityblock(v, w)", "distance.correlation(v, w)", "distance.cosine(v, w)", "distance.directed_hausdorff(pt, pu)",
    "distance.euclidean(v, w)", "distance.jensenshannon(p, q)", "distance.mahalanobis(d, b, k @ k.T)", "distance.minkowski(v, w, 3)",
    "distance.pdist(pt)", "distance.seuclidean(v, w, p)", "distance.sqeuclidean(v, w)", "distance.squareform(c[:3])",
    "distance_matrix(pt, pu)", "minkowski_distance(pt, pt[::-1])", "procrustes(pt, pt[::-1] * 2)",
    "transform.Rotation.from_rotvec(pt).as_matrix()", "transform.Rotation.from_rotvec(pt).as_quat()",
    "transform.Rotation.from_quat(im[:, :4]).as_rotvec()", "transform.Rotation.from_matrix(sq[:3, :3]).as_quat()",
    "transform.Rotation.from_euler('zyx', pt).as_matrix()", "transform.Rotation.from_rotvec(pt).as_euler('zyx')",
    "transform.Rotation.from_rotvec(pt).apply(d)", "transform.Rotation.from_rotvec(pt).magnitude()",
    "transform.Rotation.from_rotvec(pt).inv().as_matrix()", "transform.Rotation.from_rotvec(pt).mean().as_matrix()",
    "transform.Rotation.from_mrp(pt / 9).as_mrp()", "transform.Rotation.from_davenport([[0, 0, 1.0]], 'e', pt[:, :1]).as_matrix()",
    "(transform.Rotation.from_rotvec(pt) * transform.Rotation.from_rotvec(pt[::-1])).as_matrix()",
    "transform.RigidTransform.from_translation(pt).as_matrix()", "transform.RigidTransform.from_translation(pt).apply(d)",
    "transform.RigidTransform.from_exp_coords(im[:, :6]).as_matrix()",
    "transform.Slerp(xp.asarray([0.0, 1.0, 2.0, 3.0, 4.0, 5.0]), transform.Rotation.from_rotvec(pt))(f).as_matrix()",
    "geometric_slerp(d / 2, b, f / 4)",
]  # fmt: skip

INTERPOLATE = [
    "Akima1DInterpolator(t, v)(f)", "BPoly(m, np.linspace(0, 3, 6))(f)", "BSpline(np.arange(9.0), c, 3)(f)",
    "BarycentricInterpolator(t[:5], c)(f)", "CubicHermiteSpline(t, v, w)(f)", "CubicSpline(t, v)(f)", "KroghInterpolator(t[:5], c)(f)",
    "PPoly(m, xp.linspace(0, 3, 6))(f)", "PchipInterpolator(t, v)(f)", "RBFInterpolator(pt, c[:1] * pt[:, 0])(pu)",
    "RegularGridInterpolator((xp.arange(4.0), xp.arange(5.0)), m)(pu[:, :2] * 0 + 1.3)", "barycentric_interpolate(t[:5], c, f)",
    "generate_knots(t, v)", "griddata(pt[:, :2], pt[:, 2], pu[:, :2] / 9)", "interp1d(t, v)(f)", "krogh_interpolate(t[:5], c, f)",
    "make_interp_spline(t, v)(f)", "make_lsq_spline(t, v, np.r_[[t[0]] * 4, [t[5]], [t[-1]] * 4])(f)", "make_smoothing_spline(t, v)(f)",
    "make_splrep(t, v, s=0.1)(f)", "pchip_interpolate(t, v, f)", "splev(f, (np.arange(9.0), c, 3))", "NdBSpline((np.arange(9.0),), c, 3)(f[:, None])",
]  # fmt: skip

LINALG = [
    "block_diag(sq, k)", "cholesky(sy)", "det(sq)", "eig(sq)", "eigh(sy)", "eigvalsh(sy)", "expm(sq)", "fiedler(v)", "inv(sq)",
    "logm(sy)", "lstsq(sq, m)", "lu(sq)", "norm(m)", "null_space(m)", "orth(m)", "orthogonal_procrustes(m, n)", "pinv(m)",
    "polar(sq)", "qr(sq)", "schur(sq)", "solve(sq, m)", "solve_sylvester(sq, sq, m[:, :4])", "solve_triangular(sq, m)",
    "sqrtm(sy)", "svd(m)", "svdvals(m)", "toeplitz(c)", "circulant(c)", "convolution_matrix(c, 4)", "khatri_rao(m, n)",
]  # fmt: skip

FFT = [
    *[f"{name}(z)" for name in ("fft", "ifft")], *[f"{name}(v)" for name in ("fft", "rfft", "ihfft", "dct", "idct", "dst", "idst")],
    *[f"{name}(z[:7])" for name in ("irfft", "hfft")], *[f"{name}(zm)" for name in ("fft2", "ifft2", "fftn", "ifftn", "irfft2", "irfftn", "hfft2", "hfftn")],
    *[f"{name}(m)" for name in ("rfft2", "rfftn", "ihfft2", "ihfftn", "dctn", "idctn", "dstn", "idstn", "fftshift", "ifftshift")],
    "fht(p, 0.1, 0.5)", "ifht(p, 0.1, 0.5)", "fftfreq(8, xp=xp)", "rfftfreq(8, xp=xp)", "dct(m, type=3, axis=0)",
]  # fmt: skip

DIFFERENTIATE = [
    "derivative(xp.sin, v).df", "derivative(lambda x, c: xp.exp(c * x), v, args=(p,)).df",
    "jacobian(lambda x: xp.stack([x[0] * x[1], xp.sin(x[1])]), v[:2]).df",
    "hessian(lambda x: x[0] ** 2 * x[1] + xp.sin(x[1]), v[:2]).ddf",
]  # fmt: skip

WINDOWS = [
    f"{name}(8, xp=xp)" for name in (
        "barthann", "bartlett", "blackman", "blackmanharris", "bohman", "boxcar", "cosine", "flattop", "hamming", "hann",
        "lanczos", "nuttall", "parzen", "taylor", "triang", "tukey", "exponential",
    )
] + ["chebwin(8, 50, xp=xp)", "gaussian(8, 1.5, xp=xp)", "general_cosine(8, c)", "general_gaussian(8, 1.5, 2.0, xp=xp)",
     "general_hamming(8, 0.6, xp=xp)", "kaiser(8, 3.0, xp=xp)", "kaiser_bessel_derived(8, 3.0, xp=xp)", "get_window('hann', 8, xp=xp)"]  # fmt: skip

PROGRAMS = {
    "special": SPECIAL, "stats": STATS, "signal": SIGNAL, "signal.windows": WINDOWS, "ndimage": NDIMAGE,
    "integrate": INTEGRATE, "optimize": OPTIMIZE, "cluster": CLUSTER, "spatial": SPATIAL, "interpolate": INTERPOLATE,
    "linalg": LINALG, "fft": FFT, "differentiate": DIFFERENTIATE,
}  # fmt: skip
