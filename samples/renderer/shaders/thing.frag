#version 330
#include light.glsl
in vec3 position, normal, colour;
in vec2 surface;
in vec4 in_light;
out vec4 pixel;

void main() {
    vec3 albedo = linear(colour);
    float gloss = surface.x, kind = surface.y;
    vec3 n = normalize(normal);
    if (kind > 3.5) {
        vec2 brick = vec2(position.z / 0.26, position.y / 0.085);
        brick.x += 0.5 * mod(floor(brick.y), 2.0);
        vec2 at = abs(fract(brick) - 0.5);
        float joint = max(smoothstep(0.455, 0.475, at.x), smoothstep(0.40, 0.44, at.y));
        float each = texture(noise, (floor(brick) + 0.5) * vec2(0.137, 0.071)).r;
        albedo *= 0.55 + 0.9 * each;
        albedo = mix(albedo, linear(vec3(0.72, 0.70, 0.66)), joint);
        albedo *= 0.85 + 0.3 * texture(noise, position.zy * 0.35).g;
    } else if (kind > 2.5) {
        vec2 at = position.zy;
        float blocks = texture(noise, floor(at * 5.0 + gloss * 40.0) * 0.137).r;
        float lines = step(0.5, fract(at.y * 14.0 + 3.0 * gloss)) * step(0.45, texture(noise, vec2(floor(at.y * 14.0), gloss)).g);
        float disc = 1.0 - smoothstep(0.16, 0.165, length(fract(at * 1.7 + gloss) - 0.5));
        albedo = mix(albedo, 1.0 - albedo.brg, step(0.55, blocks));
        albedo = mix(albedo, vec3(0.03), 0.8 * lines * step(0.4, blocks));
        albedo = mix(albedo, albedo.gbr + 0.25, disc);
        albedo *= 0.9 + 0.2 * texture(noise, at * 3.0).b;
    } else if (kind > 1.5) {
        vec4 stains = texture(noise, position.zy * 0.35);
        float band = smoothstep(1.19, 1.20, position.y);
        albedo = mix(linear(vec3(0.28, 0.31, 0.34)), albedo, band);
        albedo = mix(albedo, linear(vec3(0.75, 0.47, 0.12)), band * (1.0 - smoothstep(1.26, 1.265, position.y)));
        albedo *= 0.90 + 0.2 * stains.g;
        albedo *= 0.75 + 0.25 * smoothstep(0.0, 0.5, position.y);
    } else if (kind > 0.5) {
        float fleck = texture(noise, position.xz * 1.9).r;
        float wear = texture(noise, position.xz * 0.22).g;
        albedo *= 0.75 + 0.5 * wear;
        albedo = mix(albedo, linear(vec3(0.36, 0.42, 0.50)), 0.7 * smoothstep(0.80, 0.88, fleck));
        vec2 tile = abs(fract(position.xz + 0.37) - 0.5);
        float seam = smoothstep(0.492, 0.497, max(tile.x, tile.y));
        albedo *= 1.0 - 0.55 * seam;
    } else {
        albedo *= 0.92 + 0.16 * texture(noise, position.zy * 1.3 + position.x).g;
    }
    pixel = vec4(developed(shaded(albedo, position, n, gloss, 0.0, in_light)), 1.0);
}
