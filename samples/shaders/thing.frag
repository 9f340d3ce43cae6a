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
    if (kind > 1.5) {
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
