#version 330
#include light.glsl
uniform vec3 skin_colour, hair_colour, shirt_colour, shorts_colour, shoes_colour, socks_colour;
in vec3 position, normal, place;
in float over_sole;
in vec4 clothes, face, in_light;
out vec4 pixel;

vec4 inside(vec4 field) { return smoothstep(-0.5, 0.5, field / max(fwidth(field), 1e-5)); }

void main() {
    vec3 n = normalize(normal);
    vec4 soft = texture(noise, place.xy * vec2(1.6, 0.9) + place.z) - 0.5;
    float folds = soft.g, mottle = soft.b;
    float weave = texture(noise, place.xy * 9.0 + place.zx * 5.0).r - 0.5;
    vec4 worn = inside(clothes), drawn = inside(face);
    float shirt = worn.x, shorts = worn.y, shoes = worn.z, hair = worn.w;
    float socks = drawn.x, brows = drawn.y, lips = drawn.z, iris = drawn.w;
    vec3 albedo = linear(skin_colour) * (1.0 + 0.22 * mottle);
    float gloss = 0.28, wrap = 0.25;
    albedo = mix(albedo, linear(skin_colour) * vec3(0.80, 0.48, 0.45), 0.7 * lips);
    albedo = mix(albedo, linear(hair_colour) * 1.6, 0.8 * brows);
    if (face.w > -0.9) {
        albedo = mix(vec3(0.75), vec3(0.06, 0.035, 0.02), iris);
        gloss = 0.6;
    }
    albedo = mix(albedo, linear(socks_colour) * (1.0 + 0.2 * weave), socks);
    vec3 shoe = over_sole < 0.017 ? vec3(0.85) : linear(shoes_colour);
    albedo = mix(albedo, shoe, shoes);
    albedo = mix(albedo, linear(shorts_colour) * (1.0 + 0.25 * weave + 0.3 * folds), shorts);
    float stripe = step(abs(clothes.x - 0.010), 0.0022);
    vec3 cloth = mix(linear(shirt_colour), linear(shirt_colour) * 0.6, stripe);
    albedo = mix(albedo, cloth * (1.0 + 0.18 * weave + 0.35 * folds), shirt);
    albedo = mix(albedo, linear(hair_colour) * (1.0 + 0.9 * weave), hair);
    float cloth_share = max(max(shirt, shorts), socks);
    n = normalize(n + cloth_share * 0.22 * vec3(folds, 0.6 * mottle, folds));
    gloss = mix(gloss, 0.06, cloth_share);
    gloss = mix(gloss, 0.2, max(hair, shoes));
    float near_ground = 1.0 - 0.45 * exp(-max(position.y, 0.0) / 0.07);
    pixel = vec4(developed(shaded(albedo, position, n, gloss, wrap * (1.0 - cloth_share), in_light) * near_ground), 1.0);
}
